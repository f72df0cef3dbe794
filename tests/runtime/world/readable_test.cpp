// What the writer accepts, every reader takes; what no reader could take is refused where it is made (invariant 13).

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_transaction.hpp>
#include <cairn/detail/tools/replay.hpp>
#include <cairn/detail/tools/transfer.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/described_values.hpp"
#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::chest;
using sample::counter;
using sample::dice;

/// Posts a text of so many bytes, which nobody takes.
struct post_box {
  std::int64_t posts = 0;

  struct post {
    std::string to;
    std::int64_t bytes = 0;
  };
  struct get {
    std::string text;
  };
  struct posted {};

  cairn::decision<posted, cairn::message<post_box, get>> decide(const post& c) const {
    return {posted{}, cairn::message<post_box, get>{
                          c.to, get{std::string(static_cast<std::size_t>(c.bytes), 'x')}}};
  }
  cairn::decision<> decide(const get& /*command*/) const {
    return cairn::reject("no room for it in this box, and none in any other");
  }
  void apply(const posted& /*event*/) { ++posts; }

  using entity = cairn::entity<"post_box", cairn::commands<post, get>>;
};

/// Aspects whose names take more room than what is written of them.
struct ledger {
  std::int64_t a_member_with_a_name_that_takes_more_room_than_its_number = 0;
  std::int64_t another_member_with_a_name_that_takes_more_room_than_its_number = 0;
  std::int64_t a_third_member_with_a_name_that_takes_more_room_than_its_number = 0;
  std::int64_t rest = 0;

  struct note {
    std::int64_t bytes = 0;
  };
  struct noted {
    std::string text;
  };
  struct count {};
  struct counted {};

  cairn::decision<noted> decide(const note& c) const {
    return {noted{std::string(static_cast<std::size_t>(c.bytes), 'x')}};
  }
  cairn::decision<counted> decide(const count& /*command*/) const { return {counted{}}; }
  void apply(const noted& /*event*/) {
    ++a_member_with_a_name_that_takes_more_room_than_its_number;
    ++another_member_with_a_name_that_takes_more_room_than_its_number;
    ++a_third_member_with_a_name_that_takes_more_room_than_its_number;
  }
  void apply(const counted& /*event*/) { ++rest; }

  using entity = cairn::entity<
      "ledger", cairn::commands<note, count>,
      cairn::touches<noted, &ledger::a_member_with_a_name_that_takes_more_room_than_its_number,
                     &ledger::another_member_with_a_name_that_takes_more_room_than_its_number,
                     &ledger::a_third_member_with_a_name_that_takes_more_room_than_its_number>,
      cairn::touches<counted, &ledger::rest>>;
};

/// Its state can be none that JSON holds.
struct ratio {
  double value = 1;

  struct divide {
    double by = 1;
  };
  struct divided {
    double by = 1;
  };

  cairn::decision<divided> decide(const divide& c) const { return {divided{c.by}}; }
  void apply(const divided& event) { value = event.by == 0 ? std::nan("") : value / event.by; }

  using entity = cairn::entity<"ratio", cairn::commands<divide>, cairn::snapshot_changes<2>>;
};

struct misnamed {
  std::int64_t n = 0;
  struct go {};
  struct went {};
  cairn::decision<went> decide(const go& /*command*/) const { return {went{}}; }
  void apply(const went& /*event*/) { ++n; }
  using entity =
      cairn::entity<"misnamed", cairn::commands<go>, cairn::events<cairn::named<"w\xFFnt", went>>>;
};

class Readable : public ::testing::Test {
protected:
  Readable() { open(); }

  void open(cairn::limits limits = {}) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<chest>();
    world_->host<ledger>();
    world_->host<ratio>();
    world_->host<counter>();
    world_->host<dice>();
  }

  /// What is under way ends in time, or the test fails rather than hang.
  void settle() {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (world_->counts().messages_pending > 0 || world_->counts().timers_soon > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "something is tried again for ever";
      std::this_thread::yield();
    }
    world_->settle();
  }

  std::vector<cairn::undelivered_message> undelivered() {
    std::vector<cairn::undelivered_message> found;
    EXPECT_TRUE(world_->list_undelivered({}, 10'000, found).ok());
    return found;
  }

  void verify() {
    cairn::verify_report report;
    const auto verified = cairn::verify_journal(journal_.inside(), report);
    EXPECT_TRUE(verified.ok()) << verified.message;
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(Readable, AStateThatHoldsItselfLoadsAgain) {
  sample::treasure deep;
  deep.shine = 0.1F;
  deep.map = sample::tall_tree(32);
  for (int i = 0; i < 4; ++i) {
    const auto done = world_->entity<chest>("a").send(chest::put{deep}).get();
    ASSERT_TRUE(done) << done.failed()->message;
  }
  verify();
  open();
  const auto read = world_->entity<chest>("a").read().get();
  ASSERT_TRUE(read) << read.failure->message;
  EXPECT_EQ(read.state.held, deep);
}

TEST_F(Readable, WhatIsTooDeepIsRefusedWhereItIsMade) {
  for (const std::string how : {"event", "reply", "message", "timer"}) {
    const auto done = world_->entity<chest>("a").send(chest::grow{how, 80}).get();
    ASSERT_NE(done.failed(), nullptr) << how;
    EXPECT_EQ(done.failed()->error, cairn::entity_errc::entity_error) << how;
    EXPECT_NE(done.failed()->message.find("too deep"), std::string::npos) << done.failed()->message;
    EXPECT_NE(done.failed()->message.find("children[0].children[0]"), std::string::npos)
        << done.failed()->message;
    EXPECT_TRUE(world_->entity<chest>("b").send(chest::put{}).get()) << how; // the store goes on
  }
  sample::treasure deep;
  deep.map = sample::tall_tree(80);
  const auto kept = world_->entity<chest>("a").send(chest::put{deep}).get();
  ASSERT_NE(kept.failed(), nullptr);
  EXPECT_NE(kept.failed()->message.find("args.what.map.children[0]"), std::string::npos)
      << kept.failed()->message;
  for (const std::string how : {"event", "reply", "message", "timer"}) {
    const auto done = world_->entity<chest>("a").send(chest::grow{how, 60}).get();
    EXPECT_TRUE(done) << how << ": " << (done.failed() ? done.failed()->message : "");
  }
  settle();
  verify();
}

TEST_F(Readable, AMessageThatIsRefusedForAnyReasonComesBack) {
  const std::vector<std::pair<std::string, std::int64_t>> reasons{
      {"5a6fc3", 1},         // cut inside a character
      {"fffe", 1},           // none at all
      {"00", 700'000},       // six bytes each in JSON
      {"ff", 2'000'000},     // longer once it is repaired
      {"61c3ab", 1'000'000}, // 3 MB
      {"22", 2'000},
  };
  for (const auto& [hex, times] : reasons) {
    ASSERT_TRUE(world_->entity<chest>("a").send(chest::tell{"b", {}, hex, times}).get());
  }
  settle();
  const auto seen = world_->entity<chest>("a").read().get();
  EXPECT_EQ(seen.state.came_back.size() + undelivered().size(), reasons.size());
  for (const auto& message : undelivered()) {
    EXPECT_TRUE(cairn::json::is_utf8(message.message.reason));
    EXPECT_LE(message.message.reason.size(), cairn::reason_bytes_max);
    EXPECT_FALSE(message.message.reason.empty());
  }
  const auto told = world_->entity<chest>("a").send(chest::refuse{"5a6fc3"}).get();
  ASSERT_NE(told.rejected(), nullptr);
  EXPECT_EQ(told.rejected()->reason, "Zo\xEF\xBF\xBD");
  verify();
}

TEST_F(Readable, ATimerWhoseCommandIsRefusedForAnyReasonIsNoted) {
  // The timer's own command is refused by what it says, and cut to what a change has room for.
  ASSERT_TRUE(world_->entity<chest>("a").send(chest::ring{"tea", "5a6fc3", 1}).get());
  ASSERT_TRUE(world_->entity<chest>("a").send(chest::ring{"egg", "00ff", 900'000}).get());
  settle();
  std::size_t noted = 0;
  EXPECT_TRUE(journal_.inside()
                  .scan(0,
                        [&](const cairn::record& stored) {
                          cairn::change made;
                          EXPECT_TRUE(cairn::decode_change(stored, made).ok());
                          for (const auto& event : made.events) {
                            const bool refused = event.data.find("reason") != std::string::npos;
                            noted += event.name == "$fired" && refused ? 1 : 0;
                          }
                          return true;
                        })
                  .ok());
  EXPECT_EQ(noted, 2U);
  verify();
}

// Whatever could be sent can come back: over every size around the bound.
TEST_F(Readable, AMessageAsLargeAsAChangeMayBeComesBack) {
  cairn::limits limits;
  limits.change_bytes_max = 2'000;
  open(limits);
  world_->host<post_box>();
  std::size_t sent = 0;
  std::size_t too_large = 0;
  for (std::int64_t bytes = 1'500; bytes <= 2'000; ++bytes) {
    const auto done = world_->entity<post_box>("a").send(post_box::post{"b", bytes}).get();
    sent += done ? 1 : 0;
    if (!done) {
      ASSERT_NE(done.failed(), nullptr);
      EXPECT_EQ(done.failed()->error, cairn::journal_errc::too_large);
      ++too_large;
    }
  }
  EXPECT_GT(sent, 100U);
  EXPECT_GT(too_large, 100U);
  settle();
  const auto returned = undelivered();
  EXPECT_EQ(returned.size(), sent);
  for (const auto& message : returned) {
    EXPECT_FALSE(message.message.reason.empty());
    EXPECT_TRUE((message.message.as<post_box, post_box::get>()));
  }
  // And it can be sent again.
  ASSERT_FALSE(returned.empty());
  const auto again = world_->resend(returned.back().position);
  EXPECT_TRUE(again.ok()) << again.message;
  settle();
  EXPECT_EQ(undelivered().size(), sent);
  verify();
}

TEST_F(Readable, AMessageThatHasNoRoomAnyMoreComesBackInAShorterForm) {
  ASSERT_NO_FATAL_FAILURE(open());
  world_->host<post_box>();
  journal_.hold_reading("post_box/b"); // it does not arrive yet
  ASSERT_TRUE(world_->entity<post_box>("a").send(post_box::post{"b", 50'000}).get());
  journal_.fail_next(cairn::fate::not_written);
  EXPECT_FALSE(world_->entity<counter>("stops").send(counter::add{1}).get());
  journal_.hold_reading("");
  cairn::limits limits;
  limits.change_bytes_max = 2'000;
  open(limits);
  world_->host<post_box>();
  settle();
  auto returned = undelivered();
  ASSERT_EQ(returned.size(), 1U);
  const auto lost = returned.front().message.as<post_box, post_box::get>();
  ASSERT_TRUE(lost) << returned.front().message.arguments;
  EXPECT_EQ(lost->text.size(), 50'000U); // from the change that sent it
  EXPECT_EQ(world_->resend(returned.front().position).error, cairn::journal_errc::too_large);
  open();
  world_->host<post_box>();
  EXPECT_TRUE(world_->resend(returned.front().position).ok());
  settle();
  EXPECT_EQ(undelivered().size(), 1U);
  verify();
}

/// Sends changes of sizes around the bound, from `below` it, each in a batch with others, and looks how those end.
template <class Send>
void expect_others_unharmed(cairn::world& world, held_journal& journal, std::int64_t below,
                            std::int64_t step, Send send) {
  const auto bound = static_cast<std::int64_t>(cairn::limits{}.change_bytes_max);
  constexpr int others = 20;
  std::size_t accepted = 0;
  std::size_t too_large = 0;
  for (std::int64_t bytes = bound - below; bytes < bound + 100; bytes += step) {
    journal.hold();
    auto first = world.entity<counter>("first").send(counter::add{1});
    journal.await_held(1);
    auto probed = send(bytes);
    std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
    for (int i = 0; i < others; ++i) {
      sent.push_back(world.entity<counter>(std::to_string(i)).send(counter::add{1}));
    }
    journal.release();
    EXPECT_TRUE(first.get());
    for (auto& other : sent) {
      const auto done = other.get();
      ASSERT_TRUE(done) << bytes << ": " << done.failed()->message;
    }
    const auto done = probed.get();
    if (const auto* failed = done.failed()) {
      EXPECT_EQ(failed->error, cairn::journal_errc::too_large) << failed->message;
      ++too_large;
    } else {
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 5U);
  EXPECT_GT(too_large, 3U);
}

TEST_F(Readable, AChangeWhoseAspectsMakeItTooLargeFailsAlone) {
  ASSERT_TRUE(world_->entity<ledger>("a").send(ledger::count{}).get()); // creation touches all
  expect_others_unharmed(*world_, journal_, 900, 30, [&](std::int64_t bytes) {
    return world_->entity<ledger>("a").send(ledger::note{bytes});
  });
  verify();
}

TEST_F(Readable, ATransactionWhoseItemsMakeItTooLargeFailsAlone) {
  ASSERT_TRUE(world_->entity<ledger>("a").send(ledger::count{}).get());
  int round = 0;
  expect_others_unharmed(*world_, journal_, 2'400, 60, [&](std::int64_t bytes) {
    cairn::transaction many(*world_);
    many.id("t" + std::to_string(++round));
    many.send(world_->entity<ledger>("a"), ledger::note{bytes});
    for (int i = 0; i < 100; ++i) {
      many.send(world_->entity<ledger>("b" + std::to_string(i)), ledger::count{});
    }
    return many.commit();
  });
  verify();
}

// The world allows more than the journal takes: the journal's own bound holds, change by change.
TEST_F(Readable, TheSmallerOfTheTwoBoundsHolds) {
  cairn::limits limits;
  limits.change_bytes_max = 8U << 20U;
  limits.batch_bytes_max = 64U << 20U;
  cairn::world_options options;
  options.limits = limits;
  cairn::world world(std::move(options)); // in memory
  world.host<ledger>();
  const auto large = world.entity<ledger>("a").send(ledger::note{2 << 20}).get();
  ASSERT_NE(large.failed(), nullptr);
  EXPECT_EQ(large.failed()->error, cairn::journal_errc::too_large);
  EXPECT_NE(large.failed()->message.find("change_bytes_max"), std::string::npos);
  EXPECT_TRUE(world.entity<ledger>("a").send(ledger::note{1}).get());
}

TEST_F(Readable, ATypeWithANameThatIsNotUtf8IsNotHosted) {
  try {
    world_->host<misnamed>();
    FAIL() << "it was hosted";
  } catch (const cairn::startup_error& refused) {
    const std::string message = refused.what();
    EXPECT_NE(message.find("\"misnamed\""), std::string::npos) << message;
    EXPECT_NE(message.find("w\xEF\xBF\xBDnt"), std::string::npos) << message;
  }
}

TEST_F(Readable, ATransactionWhoseArgumentsHaveNoJsonTakesNoId) {
  cairn::transaction both(*world_);
  both.id("once");
  both.send(world_->entity<counter>("a"), counter::add{1})
      .send(world_->entity<ratio>("r"), ratio::divide{std::nan("")});
  const auto done = both.commit().get();
  ASSERT_NE(done.failed(), nullptr);
  EXPECT_EQ(done.failed()->error, cairn::entity_errc::entity_error);
  EXPECT_NE(done.failed()->message.find("items[1].args.by"), std::string::npos)
      << done.failed()->message;
}

TEST_F(Readable, ArgumentsThatCannotBeKeptAreRefusedWhereTheTypeKeepsThem) {
  const auto done = world_->entity<dice>("d").send(dice::aim{std::nan("")}).get();
  ASSERT_NE(done.failed(), nullptr);
  EXPECT_NE(done.failed()->message.find("args.share"), std::string::npos) << done.failed()->message;
}

// A state that JSON cannot hold is no event: its entity lives, and so does everything that shows it.
TEST_F(Readable, AStateWithoutJsonHarmsNeitherConflictsNorReplay) {
  auto broken = world_->entity<ratio>("r");
  for (const double by : {2.0, 0.0, 3.0, 4.0}) {
    ASSERT_TRUE(broken.send(ratio::divide{by}).get());
  }
  ASSERT_TRUE(world_->entity<ratio>("s").send(ratio::divide{2}).get());
  for (const cairn::version_type seen : {1U, 3U}) {
    const auto stale = broken
                           .send(ratio::divide{1}, cairn::at(seen),
                                 {.show = {.missed = true, .paths = true, .state = true}})
                           .get();
    ASSERT_NE(stale.conflict(), nullptr) << seen;
    EXPECT_EQ(stale.conflict()->details->missed.size(), 4 - seen);
    EXPECT_FALSE(stale.conflict()->details->paths);
    std::string text = "{";
    cairn::write_conflict_json(text, *stale.conflict());
    boost::json::value value;
    cairn::json::problem wrong;
    EXPECT_TRUE(cairn::json::parse(text + "}", value, wrong)) << wrong.text() << text;
  }
  verify();
  cairn::replay_request request;
  request.types = {&cairn::type_descriptor<ratio>()};
  request.verify = true;
  cairn::replay_report report;
  const auto replayed = cairn::replay_journal(journal_.inside(), request, report);
  ASSERT_TRUE(replayed.ok()) << replayed.message;
  EXPECT_FALSE(report.divergence);
  ASSERT_EQ(report.entities.size(), 2U);
  EXPECT_EQ(report.entities[0].state_json, "");
  EXPECT_NE(report.entities[0].problem.find("value: number is not finite"), std::string::npos)
      << report.entities[0].problem;
  EXPECT_EQ(report.entities[1].state_json, R"({"value":0.5})");
}

} // namespace
