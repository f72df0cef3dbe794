// The agenda: every store keeps it in the write of the change, and an import builds the same one.

#include <cairn/detail/tools/transfer.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "entities/built_in.hpp"
#include "persistence/agenda/rows.hpp"
#include "tests/persistence/altered_journal.hpp"
#include "tests/persistence/authored_journal.hpp"
#include "tests/persistence/store/journal_contract.hpp"
#include "tests/support/living_entities.hpp"

#include <sstream>

namespace cairn::testing {
namespace {

std::vector<std::string> agenda_of(const journal& source) {
  std::vector<std::string> rows;
  const auto read = source.agenda("g", "\x7f", [&](std::string_view key) {
    rows.push_back(persistence::describe_agenda(key));
    return true;
  });
  EXPECT_TRUE(read.ok()) << read.message;
  return rows;
}

/// A timer that is moved, one that stays, one that is taken back with its entity; two messages of one change.
void write_living(journal& to) {
  author writes(to);
  writes.at_time(1'000'000);
  const auto& bell = type_descriptor<sample::bell>();
  const auto& till = type_descriptor<sample::till>();
  writes.send(bell, "a", "set", R"({"name":"tea","in_ms":1000,"tone":1})");
  writes.send(bell, "a", "set", R"({"name":"tea","in_ms":3000,"tone":1})");
  writes.send(bell, "a", "set", R"({"name":"egg","in_ms":2000,"tone":1})");
  writes.send(bell, "b", "set", R"({"name":"tea","in_ms":500,"tone":1})");
  writes.remove(bell, "b");
  writes.send(till, "x", "mint", R"({"amount":9})");
  writes.send(till, "x", "post", R"({"to":"y","amount":2})"); // 6
  writes.unit(2);
  writes.send(till, "x", "post", R"({"to":"y","amount":1})");
  writes.send(till, "z", "pass_on", R"({"to":"y","times":2})");
}

const std::vector<std::string> living_agenda{
    "message 0 of position 6",
    "message 0 of position 7",
    "message 0 of position 8",
    "timer \"egg\" of bell/a at 1970-01-01T00:00:03.000001Z",
    "timer \"tea\" of bell/a at 1970-01-01T00:00:04.000000Z",
};

TEST_P(JournalContract, KeepsTheAgenda) {
  write_living(store());
  EXPECT_EQ(agenda_of(store()), living_agenda);
  std::size_t seen = 0;
  EXPECT_TRUE(store()
                  .agenda("g", "\x7f",
                          [&](std::string_view) {
                            ++seen;
                            return false;
                          })
                  .ok());
  EXPECT_EQ(seen, 1U);
  if (GetParam().keeps) {
    reopen();
    EXPECT_EQ(agenda_of(store()), living_agenda);
  }
  verify_report report;
  const auto verified = verify_journal(store(), report);
  EXPECT_TRUE(verified.ok()) << verified.message;
}

TEST_P(JournalContract, AnImportAndACopyBuildTheSameAgenda) {
  const auto source = memory()();
  write_living(*source);
  std::string lines;
  ASSERT_TRUE(export_journal(*source, {}, [&](std::string_view some) {
                lines += some;
                return true;
              }).ok());
  std::istringstream in(lines);
  const auto imported = import_journal(in, store(), {});
  ASSERT_TRUE(imported.ok()) << imported.message;
  EXPECT_EQ(agenda_of(store()), living_agenda);
  const auto copy = memory()();
  ASSERT_TRUE(copy_journal(store(), *copy).ok());
  EXPECT_EQ(agenda_of(*copy), living_agenda);
}

TEST_P(JournalContract, AnEventOfTheAgendaThatDoesNotDecodeIsNotWritten) {
  record next;
  next.entity = "bell/a";
  next.version = 1;
  next.agenda = true;
  execution done(1'000);
  done.record_empty(scheduled_event);
  std::string body;
  encode_change_body(body, {}, {}, done.events(), done.event_count());
  next.body = body;
  append_batch batch;
  batch.records.push_back(next);
  append_result ended;
  store().append(batch, [&](append_result result) { ended = std::move(result); });
  EXPECT_EQ(ended.what, kind::failed);
  EXPECT_EQ(ended.fate, fate::not_written);
  EXPECT_NE(ended.failure.message.find("$scheduled"), std::string::npos);
  EXPECT_EQ(store().end().next, 0U);
}

TEST(Agenda, VerifyFindsARowThatIsMissingOneTooManyAndAFlagThatLies) {
  const auto source = memory()();
  write_living(*source);
  altered_journal altered(*source);
  verify_report report;
  altered.agenda_kept = [](std::string_view key) {
    return persistence::describe_agenda(key).find("egg") == std::string::npos;
  };
  auto found = verify_journal(altered, report);
  EXPECT_EQ(found.error, journal_errc::damaged);
  EXPECT_NE(found.message.find("timer \"egg\" of bell/a"), std::string::npos) << found.message;
  altered.agenda_kept = nullptr;
  altered.agenda_added = persistence::message_key({1'000, 0});
  found = verify_journal(altered, report);
  EXPECT_EQ(found.error, journal_errc::damaged);
  altered.agenda_added.clear();
  altered.change = [](record& next) {
    next.agenda = next.agenda && next.position != 2;
    return true;
  };
  found = verify_journal(altered, report);
  EXPECT_NE(found.message.find("change 2 (bell/a version 3)"), std::string::npos) << found.message;
}

TEST(Agenda, KeysSortByTimeThenEntityThenName) {
  using persistence::agenda_key;
  EXPECT_LT(agenda_key({-5, "b/z", "z"}), agenda_key({0, "a/a", "a"}));
  EXPECT_LT(agenda_key({7, "b/a", "z"}), agenda_key({7, "b/aa", "a"}));
  EXPECT_LT(agenda_key({7, "b/a", "y"}), agenda_key({7, "b/a", "z"}));
  EXPECT_LT(agenda_key({INT64_MAX, "z/z", "z"}), persistence::timers_end_key());
  persistence::timer_row row;
  ASSERT_TRUE(persistence::decode_timer_key(agenda_key({-5, "b/z", "a name"}), row));
  EXPECT_EQ(row.at_us, -5);
  EXPECT_EQ(row.entity, "b/z");
  EXPECT_EQ(row.timer, "a name");
}

} // namespace
} // namespace cairn::testing
