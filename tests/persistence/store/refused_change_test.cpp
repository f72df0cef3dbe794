// One change that the journal will not have fails its own request and what is behind it of the same activation; the
// batch, and the store, go on (invariants 4 and 8).

#include <cairn/detail/change.hpp>

#include "persistence/agenda/rows.hpp"
#include "persistence/commit/entity_slot.hpp"
#include "persistence/commit/group_commit.hpp"
#include "persistence/commit/unit.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace cairn {
namespace {

class plain_entity_slot final : public persistence::entity_slot {
public:
  explicit plain_entity_slot(std::string key)
      : entity_slot(std::move(key), type_descriptor<sample::counter>()) {}
  void finished(std::size_t /*counted_bytes*/) noexcept override {}

  std::vector<std::uint64_t> losses;

private:
  void on_lost(std::uint64_t activation) override { losses.push_back(activation); }
};
using plain_slot_ptr = boost::intrusive_ptr<plain_entity_slot>;

plain_slot_ptr slot_of(std::string key) {
  return plain_slot_ptr(new plain_entity_slot(std::move(key)));
}

class written_request final : public detail::request {
public:
  written_request(plain_slot_ptr of, version_type version, std::size_t bytes) {
    slot = std::move(of);
    activation = 1;
    answer.what = answer::kind::accepted;
    answer.version = version;
    body.resize(bytes, 'x');
  }
  void complete() noexcept override { ended = true; }

  bool ended = false;
};
using written_ptr = boost::intrusive_ptr<written_request>;

class RefusedChange : public ::testing::Test {
protected:
  RefusedChange() {
    persistence::group_commit::settings settings;
    settings.batch_changes_max = 100;
    settings.batch_bytes_max = std::size_t{64} << 20U;
    settings.clock = [] { return time_point(std::chrono::seconds(1)); };
    settings.on_stopped = [this](const status& why) { stopped_ = why.message; };
    settings.on_effects = [](auto&&...) {};
    settings.on_committed = [](auto&&...) {};
    commit_ = std::make_unique<persistence::group_commit>(*journal_, std::move(settings));
  }

  written_ptr hand_over(const plain_slot_ptr& slot, version_type version, std::size_t bytes) {
    written_ptr made(new written_request(slot, version, bytes));
    commit_->add(made);
    return made;
  }

  std::unique_ptr<journal> journal_ = memory()();
  std::unique_ptr<persistence::group_commit> commit_;
  std::string stopped_;
};

constexpr std::size_t small_bytes = 10;

TEST_F(RefusedChange, AChangeThatIsTooLargeFailsAloneWithItsActivation) {
  const std::size_t large = journal_->change_bytes_max() + 1;
  const auto first = hand_over(slot_of("counter/a"), 1, small_bytes);
  const auto greedy = slot_of("counter/b");
  const auto refused = hand_over(greedy, 1, large);
  const auto behind = hand_over(greedy, 2, small_bytes);
  const auto last = hand_over(slot_of("counter/c"), 1, journal_->change_bytes_max());
  commit_->flush();
  EXPECT_EQ(first->answer.what, answer::kind::accepted);
  EXPECT_EQ(first->answer.position, 0U);
  EXPECT_EQ(last->answer.what, answer::kind::accepted);
  EXPECT_EQ(last->answer.position, 1U);
  EXPECT_EQ(refused->answer.error, journal_errc::too_large);
  EXPECT_EQ(refused->answer.fate, fate::not_written);
  EXPECT_NE(refused->answer.text.find("version 1 of counter/b"), std::string::npos)
      << refused->answer.text;
  EXPECT_EQ(behind->answer.error, journal_errc::fenced);
  EXPECT_TRUE(first->ended && refused->ended && behind->ended && last->ended);
  EXPECT_EQ(greedy->losses, std::vector<std::uint64_t>{1});
  EXPECT_EQ(stopped_, "");
  EXPECT_EQ(journal_->end().next, 2U);
}

TEST_F(RefusedChange, ATransactionWithOneTooLargeChangeFailsWholeAndAlone) {
  const auto one = slot_of("counter/a");
  const auto other = slot_of("counter/b");
  persistence::unit_of_entities unit;
  for (const auto& [slot, bytes] :
       {std::pair(one, small_bytes), std::pair(other, journal_->change_bytes_max() + 1)}) {
    auto& part = unit.parts.emplace_back();
    part.slot = slot;
    part.activation = 1;
    part.version = 1;
    part.changes = true;
    part.body.resize(bytes, 'x');
    unit.bytes += bytes;
    ++unit.changes;
  }
  written_ptr both(new written_request(one, 0, 0));
  both->unit = &unit;
  commit_->add(both);
  const auto alone = hand_over(slot_of("counter/c"), 1, small_bytes);
  commit_->flush();
  EXPECT_EQ(both->answer.error, journal_errc::too_large);
  EXPECT_EQ(alone->answer.what, answer::kind::accepted);
  EXPECT_EQ(one->losses.size() + other->losses.size(), 2U);
  EXPECT_EQ(journal_->end().next, 1U);
}

// The agenda comes from the effects that the entity handed over: what its events look like is nobody's business here.
TEST_F(RefusedChange, TheAgendaIsKeptFromEffectsInMemory) {
  const auto slot = slot_of("counter/a");
  const auto hand_over_effects = [&](version_type version, detail::change_effects effects) {
    written_ptr made(new written_request(slot, version, small_bytes));
    made->effects = std::make_unique<detail::change_effects>(std::move(effects));
    commit_->add(made);
    commit_->flush();
    return made->answer.what == answer::kind::accepted;
  };
  const auto rows = [&] {
    std::vector<std::string> found;
    EXPECT_TRUE(journal_
                    ->agenda("", "\x7f",
                             [&](std::string_view key) {
                               found.push_back(persistence::describe_agenda(key));
                               return true;
                             })
                    .ok());
    return found;
  };
  using end = detail::change_effects::end;
  const detail::pending_timer due{2'000'000, "add", "{}"};
  ASSERT_TRUE(hand_over_effects(1, {{{"tea", {}, due}, {"egg", {}, due}, {"egg", due.at_us, {}}},
                                    {{"counter/b", "add", "{}", 1},
                                     {"counter/b", "add", "{}", 1},
                                     {"counter/c", "add", "{}", 1}},
                                    {}}));
  EXPECT_EQ(rows(),
            (std::vector<std::string>{
                "message 0 of position 0", "message 1 of position 0", "message 2 of position 0",
                "timer \"tea\" of counter/a at 1970-01-01T00:00:02.000000Z"}));
  ASSERT_TRUE(hand_over_effects(2, {{{"tea", due.at_us, {}}},
                                    {},
                                    {{end::kind::delivered, {0, 0}},
                                     {end::kind::returned, {0, 1}},
                                     {end::kind::handled, {0, 2}}}}));
  EXPECT_EQ(rows(), std::vector<std::string>{"the message that came back at position 1"});
  ASSERT_TRUE(hand_over_effects(3, {{}, {}, {{end::kind::resent, {1, 0}}}}));
  EXPECT_EQ(rows(), std::vector<std::string>());
  EXPECT_EQ(stopped_, "");
}

} // namespace
} // namespace cairn
