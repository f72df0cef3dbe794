// What a world writes about itself: lines of JSON, nothing unless asked for, and few of a kind at a time.

#include "runtime/watch/world_log.hpp"

#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cairn::log_level;
using sample::counter;

const cairn::time_point fixed_time(1'780'251'600s);
const std::string stamp = R"({"time":"2026-05-31T18:20:00.000000Z",)";

/// Keeps lines, without their time.
class kept_lines {
public:
  cairn::log_options options(log_level level) {
    return {level, [this](std::string_view line) {
              const std::lock_guard lock(mutex_);
              EXPECT_EQ(line.substr(0, stamp.size()), stamp);
              lines_.emplace_back(line.substr(stamp.size()));
            }};
  }

  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

using lines = std::vector<std::string>;

class WorldLog : public ::testing::Test {
protected:
  void open(log_level level, cairn::world_options options = {}) {
    world_.reset();
    options.journal = journal_.source();
    options.clock = [] { return fixed_time; };
    options.log = kept_.options(level);
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
  }
  cairn::entity_ref<counter> entity(const std::string& id) { return world_->entity<counter>(id); }

  /// A request leaves its entity's mailbox just behind its reply.
  void await_quiet() const {
    while (world_->counts().in_flight > 0) {
      std::this_thread::yield();
    }
  }

  held_journal journal_;
  kept_lines kept_;
  std::unique_ptr<cairn::world> world_;
};

/// A log whose seconds the test counts.
struct counted_log {
  kept_lines kept;
  std::chrono::steady_clock::time_point now{};
  cairn::runtime::world_log log{kept.options(log_level::debug), [] { return fixed_time; },
                                [this] { return now; }};
};

} // namespace

TEST_F(WorldLog, NothingIsWrittenUnlessAskedFor) {
  ::testing::internal::CaptureStderr();
  {
    cairn::world world;
    world.host<counter>();
    EXPECT_FALSE(world.entity<counter>("a").send(counter::crash{"decide"}).get());
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(WorldLog, TimersAndMessagesThatCannotBeReadAreSaidOnce) {
  journal_.fail_agenda(true);
  open(log_level::error);
  constexpr int attempts = 8; // of both together
  while (journal_.failed_agenda_reads() < attempts) {
    std::this_thread::sleep_for(1ms);
  }
  const std::string said =
      R"("level":"error","event":"agenda_unreadable","message":"the disk could not be read"})";
  EXPECT_EQ(kept_.take(), (lines{said, said}));
  journal_.fail_agenda(false);
  world_->settle();
  EXPECT_EQ(kept_.take(), lines{});
}

TEST_F(WorldLog, WithoutASinkLinesGoToStandardError) {
  ::testing::internal::CaptureStderr();
  {
    cairn::world_options options;
    options.clock = [] { return fixed_time; };
    options.log.level = log_level::info;
    const cairn::world world(std::move(options));
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            stamp + "\"level\":\"info\",\"event\":\"opened\",\"position\":0}\n" + stamp +
                "\"level\":\"info\",\"event\":\"closed\"}\n");
}

TEST_F(WorldLog, OpeningAndClosingAreSaidWithThePosition) {
  open(log_level::info);
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(world_->close().ok());
  open(log_level::info);
  EXPECT_EQ(kept_.take(), (lines{R"("level":"info","event":"opened","position":0})",
                                 R"("level":"info","event":"closed"})",
                                 R"("level":"info","event":"opened","position":1})"}));
}

TEST_F(WorldLog, AnEntityThatBreaksIsNamedWithWhatItThrewAndThatItWasRebuilt) {
  open(log_level::warning);
  EXPECT_FALSE(entity("a").send(counter::crash{"decide"}).get());
  EXPECT_TRUE(entity("a").read().get());
  EXPECT_EQ(
      kept_.take(),
      (lines{
          R"("level":"error","event":"entity_error","entity":"counter/a","error":"entity_error","message":"crash on counter/a: the entity's code threw: decide broke"})",
          R"("level":"warning","event":"rebuilt","entity":"counter/a"})"}));
}

TEST_F(WorldLog, AStoppedStoreIsSaidOnceAndNotByEachRequestThatFindsIt) {
  open(log_level::warning);
  journal_.fail_next(cairn::fate::in_doubt);
  EXPECT_FALSE(entity("a").send(counter::add{1}).get());
  EXPECT_FALSE(entity("b").send(counter::add{1}).get());
  const auto said = kept_.take();
  ASSERT_GE(said.size(), 1U);
  EXPECT_EQ(
      said[0],
      R"("level":"error","event":"stopped","message":"the journal has stopped and must be closed and opened again: the test had it fail"})");
  for (std::size_t i = 1; i < said.size(); ++i) {
    EXPECT_EQ(said[i], R"("level":"warning","event":"rebuilt","entity":"counter/a"})");
  }
}

TEST_F(WorldLog, AFencedEntityAndAFullMailboxAreWarnings) {
  cairn::world_options options;
  options.limits.mailbox_max = 1;
  open(log_level::warning, std::move(options));
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  {
    cairn::world_options others;
    others.journal = journal_.source();
    others.clock = [] { return fixed_time; };
    cairn::world rival(std::move(others));
    rival.host<counter>();
    EXPECT_TRUE(rival.entity<counter>("a").send(counter::add{1}).get());
  }
  await_quiet();
  EXPECT_FALSE(entity("a").send(counter::add{1}).get());
  await_quiet();
  EXPECT_TRUE(entity("a").read().get());
  await_quiet();
  journal_.hold();
  auto first = entity("a").send(counter::add{1});
  journal_.await_held(1);
  EXPECT_FALSE(entity("a").send(counter::add{1}).get());
  journal_.release();
  EXPECT_TRUE(first.get());
  auto said = kept_.take();
  ASSERT_EQ(said.size(), 3U);
  std::sort(said.begin(), said.begin() + 2); // the answer and the rebuilding are two threads'
  EXPECT_EQ(said[0].find(R"("level":"warning","event":"fenced","entity":"counter/a")"), 0U)
      << said[0];
  EXPECT_EQ(said[1], R"("level":"warning","event":"rebuilt","entity":"counter/a"})");
  EXPECT_EQ(
      said[2],
      R"x("level":"warning","event":"overloaded","entity":"counter/a","error":"overloaded","message":"counter/a has 1 requests waiting (limits::mailbox_max)"})x");
}

TEST_F(WorldLog, ASubscriberThatThrowsIsSaidToHaveStopped) {
  open(log_level::error);
  const auto subscribed =
      world_->subscribe(0, [](const cairn::change&) { throw std::runtime_error("full"); });
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  while (subscribed.state().ok()) {
    std::this_thread::yield();
  }
  EXPECT_EQ(
      kept_.take(),
      (lines{
          R"("level":"error","event":"subscriber_stopped","message":"the subscriber threw at position 0: full"})"}));
}

TEST_F(WorldLog, MistakesOfClientsAreForDebuggingOnly) {
  for (const auto level : {log_level::info, log_level::debug}) {
    open(level);
    kept_.take();
    EXPECT_FALSE(entity("").send(counter::add{1}).get());
    EXPECT_EQ(kept_.take().size(), level == log_level::debug ? 1U : 0U);
  }
}

TEST(WorldLogLines, OfAKindFewAreWrittenInASecondAndTheRestIsCounted) {
  counted_log counted;
  for (int i = 0; i < 25; ++i) {
    counted.log.write(log_level::warning, "overloaded");
    counted.log.write(log_level::warning, i == 0 ? "fenced" : "overloaded");
  }
  const auto first = counted.kept.take();
  EXPECT_EQ(first.size(), 11U) << "ten of the one and one of the other";
  counted.now += 999ms;
  counted.log.write(log_level::warning, "overloaded");
  EXPECT_TRUE(counted.kept.take().empty());
  counted.now += 1ms;
  counted.log.write(log_level::warning, "overloaded");
  counted.log.write(log_level::warning, "overloaded");
  EXPECT_EQ(counted.kept.take(),
            (lines{R"("level":"warning","event":"overloaded","suppressed":40})",
                   R"("level":"warning","event":"overloaded"})"}));
}

TEST(WorldLogLines, AnyTextMakesALineOfJson) {
  counted_log counted;
  counted.log.write(log_level::error, "notice", {{"message", "a \"b\"\nc\x01"}, {"number", 7U}});
  counted.log.write(log_level::error, "notice", {{"message", "\xff"}, {"nothing", ""}});
  EXPECT_EQ(counted.kept.take(),
            (lines{R"("level":"error","event":"notice","message":"a \"b\"\nc\u0001","number":7})",
                   R"x("level":"error","event":"notice","message":"(text that is not UTF-8)"})x"}));
}

TEST(WorldLogLines, ASinkThatThrowsLosesTheLineAndNothingElse) {
  int called = 0;
  cairn::world_options options;
  options.log = {log_level::info, [&called](std::string_view) {
                   if (++called % 2 == 1) {
                     throw std::runtime_error("full");
                   }
                   throw 7;
                 }};
  cairn::world world(std::move(options));
  EXPECT_TRUE(world.close().ok());
  EXPECT_EQ(called, 2);
}
