// Replay (invariants 5 and 9): at every position, version and time it gives the state that was
// there, to the bit; on one thread or many; and what it cannot replay it names with its place.

#include <cairn/detail/tools/replay.hpp>
#include <cairn/detail/tools/transfer.hpp>

#include "tests/persistence/altered_journal.hpp"
#include "tests/persistence/authored_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <random>
#include <sstream>

namespace cairn {
namespace {

using testing::altered_journal;
using testing::author;
using testing::counter;
using testing::dice;
using testing::state_line;

std::string text_of(const replay_report& report) {
  std::string lines;
  for (const auto& next : report.entities)
    lines += state_line(next.entity, next.version, next.state_json);
  return lines;
}

replay_request request_of(std::vector<const entity_type*> types = {&counter(), &dice()}) {
  replay_request request;
  request.types = std::move(types);
  return request;
}

std::string replayed(const journal& source, const replay_request& request) {
  replay_report report;
  const auto result = replay_journal(source, request, report);
  EXPECT_TRUE(result.ok()) << result.message;
  return text_of(report);
}

/// A journal of single changes and units, removals and new beginnings, with the states after each
/// unit.
class Replay : public ::testing::Test {
protected:
  Replay() {
    std::mt19937 random(3);
    for (int step = 0; step < 300; ++step) {
      const auto id = std::to_string(random() % 5);
      const auto size = random() % 7 == 0 ? 3U : 1U;
      writes_.unit(size);
      for (unsigned i = 0; i < size; ++i) change_something(random(), std::to_string(random() % 5));
      if (random() % 9 == 0 && writes_.entities().contains("counter/" + id))
        writes_.snapshot("counter/" + id);
      states_.emplace_back(journal_->end().next, writes_.states());
    }
  }

  void change_something(unsigned what, const std::string& id) {
    const auto found = writes_.entities().find("counter/" + id);
    const bool exists = found != writes_.entities().end() && found->second->standing().exists();
    if (what % 11 == 0 && exists) {
      writes_.remove(counter(), id);
    } else if (what % 3 == 0) {
      writes_.send(dice(), id, "roll", R"({"times":2})");
    } else {
      writes_.send(counter(), id, "add", R"({"n":)" + std::to_string(what % 100) + "}");
    }
  }

  /// States after the unit that contains `position`.
  const std::string& states_at(position_type position) const {
    for (const auto& [end, states] : states_)
      if (position < end) return states;
    return states_.back().second;
  }

  std::unique_ptr<journal> journal_ = memory()();
  author writes_{*journal_};
  std::vector<std::pair<position_type, std::string>> states_;
};

TEST_F(Replay, GivesWhatTheLiveEntitiesHold) {
  for (const unsigned threads : {0U, 1U, 2U, 5U}) {
    auto request = request_of();
    request.threads = threads;
    EXPECT_EQ(replayed(*journal_, request), writes_.states()) << threads;
  }
}

TEST_F(Replay, AtEveryPositionEqualsStepByStep) {
  for (position_type position = 0; position < journal_->end().next; ++position) {
    auto request = request_of();
    request.position = position;
    replay_report report;
    const auto result = replay_journal(*journal_, request, report);
    ASSERT_TRUE(result.ok()) << result.message;
    ASSERT_EQ(text_of(report), states_at(position)) << position;
    ASSERT_GT(report.end, position);
  }
}

TEST_F(Replay, OfOneEntityAtEveryPositionEqualsThatOfAll) {
  for (position_type position = 0; position < journal_->end().next; position += 3) {
    auto request = request_of();
    request.position = position;
    replay_report all;
    ASSERT_TRUE(replay_journal(*journal_, request, all).ok());
    for (const auto& one : all.entities) {
      for (const bool verify : {false, true}) {
        request.entity = one.entity;
        request.verify = verify;
        EXPECT_EQ(replayed(*journal_, request), state_line(one.entity, one.version, one.state_json))
            << position;
      }
    }
  }
}

TEST_F(Replay, OfOneEntityAtEveryVersionEqualsStepByStep) {
  const std::string key = "counter/2";
  live_entity live(counter());
  auto request = request_of();
  request.entity = key;
  request.version = 0;
  EXPECT_EQ(replayed(*journal_, request), key + " 0 null\n");
  const auto read = journal_->read(key, 1, version_max, [&](const record& next) {
    change decoded;
    EXPECT_TRUE(decode_change(next, decoded).ok());
    live.begin_change();
    for (const auto& event : decoded.events)
      EXPECT_TRUE(live.apply(event.name, event.schema, event.data).ok());
    live.end_change(next.version, next.removes);
    std::string state;
    json::problem wrong;
    EXPECT_TRUE(next.removes || live.encode_state(state, wrong));
    request.version = next.version;
    EXPECT_EQ(replayed(*journal_, request), state_line(key, next.version, state));
    return true;
  });
  EXPECT_TRUE(read.ok());
}

TEST_F(Replay, AtATimeTakesAllThatHappenedUntilThen) {
  std::vector<std::int64_t> times;
  ASSERT_TRUE(journal_
                  ->scan(0,
                         [&](const record& next) {
                           if (next.unit_index == 0) times.push_back(next.time_us);
                           return true;
                         })
                  .ok());
  ASSERT_EQ(times.size(), states_.size());
  auto request = request_of();
  request.time_us = times[0] - 1;
  EXPECT_EQ(replayed(*journal_, request), "");
  for (std::size_t unit = 0; unit < times.size(); unit += 7) {
    request.time_us = times[unit];
    replay_report all;
    ASSERT_TRUE(replay_journal(*journal_, request, all).ok());
    EXPECT_EQ(text_of(all), states_[unit].second);
    auto single = request;
    for (const auto& one : all.entities) {
      single.entity = one.entity;
      EXPECT_EQ(replayed(*journal_, single), state_line(one.entity, one.version, one.state_json));
    }
  }
  request.time_us = INT64_MAX;
  EXPECT_EQ(replayed(*journal_, request), writes_.states());
}

TEST_F(Replay, ComparesWithEverySnapshotOnTheWay) {
  std::uint64_t snapshots = 0;
  ASSERT_TRUE(journal_->scan_snapshots([&](const snapshot&) { return ++snapshots > 0; }).ok());
  ASSERT_GT(snapshots, 5U);
  auto request = request_of();
  request.verify = true;
  replay_report report;
  ASSERT_TRUE(replay_journal(*journal_, request, report).ok());
  EXPECT_EQ(report.compared, snapshots);
  EXPECT_EQ(report.changes, journal_->end().next);
  EXPECT_FALSE(report.divergence);
}

TEST_F(Replay, NamesTheFirstChangeAfterWhichASnapshotDiffers) {
  writes_.send(counter(), "x", "add", R"({"n":1})").snapshot("counter/x");
  writes_.send(counter(), "x", "add", R"({"n":1})");
  writes_.send(counter(), "x", "add", R"({"n":1})").snapshot("counter/x", R"({"value":4})");
  const position_type first = journal_->end().next - 1;
  writes_.send(counter(), "y", "add", R"({"n":1})").snapshot("counter/y", R"({"value":4})");
  writes_.send(counter(), "x", "add", R"({"n":1})").snapshot("counter/x", R"({"value":5})");
  auto request = request_of();
  request.verify = true;
  for (const char* entity : {"", "counter/x"}) {
    request.entity = entity;
    replay_report report;
    ASSERT_TRUE(replay_journal(*journal_, request, report).ok());
    ASSERT_TRUE(report.divergence);
    EXPECT_EQ(report.divergence->entity, "counter/x");
    EXPECT_EQ(report.divergence->version, 3U);
    EXPECT_EQ(report.divergence->position, first);
    EXPECT_EQ(report.divergence->agreed, 1U);
  }
}

TEST_F(Replay, RefusesWhatIsNotThereAndWhatContradictsItself) {
  const auto refuse = [&](const std::function<void(replay_request&)>& change, std::error_code error,
                          const std::string& text) {
    auto request = request_of();
    change(request);
    replay_report report;
    const auto result = replay_journal(*journal_, request, report);
    EXPECT_EQ(result.error, error) << text;
    EXPECT_NE(result.message.find(text), std::string::npos) << result.message;
  };
  const auto end = journal_->end().next;
  refuse([&](auto& of) { of.position = end; }, journal_errc::no_such_version,
         "ends at position " + std::to_string(end - 1));
  refuse([](auto& of) { of.entity = "counter/1", of.version = 9999; },
         journal_errc::no_such_version, "there is no version 9999");
  refuse([](auto& of) { of.entity = "counter/none", of.version = 1; },
         journal_errc::no_such_version, "counter/none never existed");
  refuse([](auto& of) { of.entity = "counter"; }, entity_errc::invalid_entity, "TYPE/ID");
  refuse([](auto& of) { of.entity = "wallet/a"; }, entity_errc::unknown_type, "type wallet");
  refuse([](auto& of) { of.types = {&counter()}; }, entity_errc::unknown_type,
         "does not know the type dice");
  refuse([](auto& of) { of.version = 1; }, std::make_error_code(std::errc::invalid_argument),
         "of an entity");
  refuse([](auto& of) { of.position = 1, of.time_us = 1; },
         std::make_error_code(std::errc::invalid_argument), "two");
}

TEST_F(Replay, NamesTheEarliestBadChangeOnAnyNumberOfThreads) {
  altered_journal altered(*journal_);
  altered.change = [](record& next) {
    if (next.position >= 100) next.body = "\x01";
    return true;
  };
  for (const unsigned threads : {1U, 2U, 3U, 5U, 8U, 8U, 8U, 8U}) {
    auto request = request_of();
    request.threads = threads;
    replay_report report;
    const auto result = replay_journal(altered, request, report);
    EXPECT_EQ(result.error, journal_errc::damaged);
    EXPECT_EQ(result.message.find("change 100 ("), 0U) << result.message;
  }
  altered.change = [](record& next) { return next.position != 50; };
  replay_report report;
  EXPECT_EQ(replay_journal(altered, request_of(), report).error, journal_errc::damaged);
}

// --- old events
// --------------------------------------------------------------------------------------

struct old_point {
  double x = 0;
  struct move {
    double x = 0;
  };
  struct moved {
    double x = 0;
  };
  cairn::decision<moved> decide(const move& command) const { return moved{command.x}; }
  void apply(const moved& event) { x = event.x; }
  using entity = cairn::entity<"point", cairn::commands<move>>;
};

stored_event rename_moved(stored_event event) {
  event.name = "shifted";
  event.data.as_object()["y"] = 7;
  return event;
}

struct new_point {
  double x = 0;
  double y = 0;
  struct shifted {
    double x = 0;
    double y = 0;
  };
  void apply(const shifted& event) { x = event.x, y = event.y; }
  using entity = cairn::entity<"point", cairn::commands<>, cairn::also_applies<shifted>,
                               cairn::upcast<"moved", 1, &rename_moved>>;
};

struct bare_point {
  double x = 0;
  struct shifted {
    double x = 0;
  };
  void apply(const shifted& event) { x = event.x; }
  using entity = cairn::entity<"point", cairn::commands<>, cairn::also_applies<shifted>>;
};

class OldEvents : public ::testing::Test {
protected:
  OldEvents() {
    author writes(*journal_);
    writes.send(type_descriptor<old_point>(), "p", "move", R"({"x":1.5})").snapshot("point/p");
  }

  std::unique_ptr<journal> journal_ = memory()();
};

TEST_F(OldEvents, GoThroughTheUpcaster) {
  auto request = request_of({&type_descriptor<new_point>()});
  EXPECT_EQ(replayed(*journal_, request), "point/p 1 {\"x\":1.5,\"y\":7}\n");
  request.entity = "point/p";
  EXPECT_EQ(replayed(*journal_, request), "point/p 1 {\"x\":1.5,\"y\":7}\n");
}

TEST_F(OldEvents, SnapshotsOfAnotherShapeAreNotCompared) {
  auto request = request_of({&type_descriptor<new_point>()});
  request.verify = true;
  replay_report report;
  ASSERT_TRUE(replay_journal(*journal_, request, report).ok());
  EXPECT_EQ(report.compared, 0U);
  EXPECT_EQ(report.skipped, 1U);
}

TEST_F(OldEvents, ThatNobodyKnowsStopTheReplayWithTheirPlace) {
  replay_report report;
  const auto result =
      replay_journal(*journal_, request_of({&type_descriptor<bare_point>()}), report);
  EXPECT_EQ(result.error, entity_errc::unknown_event);
  EXPECT_EQ(result.message.find("change 0 (point/p version 1): event moved of schema 1"), 0U)
      << result.message;
}

TEST(ReplayOfBrokenCode, NamesTheChangeWhoseEventThrows) {
  const auto journal = memory()();
  author writes(*journal);
  writes.send(counter(), "a", "add", R"({"n":1})");
  std::string body;
  change bad;
  bad.events = {{"crashed", 1, "{}"}};
  encode_change_body(body, bad);
  append_batch batch;
  record next;
  next.entity = "counter/a";
  next.version = 2;
  next.time_us = 2'000'000'000'000'000;
  next.body = body;
  batch.records.push_back(next);
  journal->append(batch, [](append_result) {});
  for (const char* entity : {"", "counter/a"}) {
    auto request = request_of();
    request.entity = entity;
    replay_report report;
    const auto result = replay_journal(*journal, request, report);
    EXPECT_EQ(result.error, entity_errc::entity_error);
    EXPECT_NE(result.message.find("apply broke"), std::string::npos) << result.message;
  }
}

// --- a million doubles
// -------------------------------------------------------------------------------

struct series {
  std::vector<double> values;
  struct put {
    std::vector<double> values;
  };
  struct was_put {
    std::vector<double> values;
  };
  cairn::decision<was_put> decide(const put& command) const { return was_put{command.values}; }
  void apply(const was_put& event) { values = event.values; }
  using entity = cairn::entity<"series", cairn::commands<put>>;
};

constexpr std::size_t values_each = 1000;
constexpr std::size_t series_count = 1000;

/// Any finite bit pattern, evenly spread numbers, denormals, and the usual suspects, in turn.
double any_double(std::mt19937_64& random, std::size_t index) {
  constexpr double special[] = {-0.0,
                                0.0,
                                5e-324,
                                -5e-324,
                                1.7976931348623157e308,
                                2.2250738585072014e-308,
                                0.1,
                                1e23,
                                9007199254740993.0,
                                -1.0,
                                123456789012345680.0};
  switch (index % 4) {
    case 0:
      return std::uniform_real_distribution<double>(-1000, 1000)(random);
    case 1:
      return std::bit_cast<double>(random() & 0x800F'FFFF'FFFF'FFFFU); // denormal
    case 2: {
      const auto value = std::bit_cast<double>(random());
      return std::isfinite(value) ? value : -0.0;
    }
    default:
      return special[random() % std::size(special)];
  }
}

std::vector<std::vector<double>> million_doubles(unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<double>> all(series_count);
  for (auto& values : all)
    for (std::size_t i = 0; i < values_each; ++i) values.push_back(any_double(random, i));
  return all;
}

void append_series(journal& to, const std::vector<std::vector<double>>& all) {
  const auto& type = type_descriptor<series>();
  for (std::size_t i = 0; i < all.size(); ++i) {
    live_entity live(type);
    const series::put command{all[i]};
    random_source random(1);
    const auto key = "series/" + std::to_string(i);
    execution done(1 << 20);
    live.execute(type.commands.at(0), &command, context({}, random, key, 0, {}), done);
    std::string body;
    cause why;
    why.command = "put";
    encode_change_body(body, why, {}, done.events(), done.event_count());
    append_batch batch;
    record next;
    next.entity = key;
    next.version = 1;
    next.body = body;
    batch.records.push_back(next);
    to.append(batch,
              [](append_result result) { EXPECT_EQ(result.what, append_result::kind::committed); });
  }
}

TEST(Doubles, AMillionComeBackToTheBitThroughExportImportAndReplay) {
  constexpr unsigned seed = 20'260'531;
  const auto all = million_doubles(seed);
  const auto source = memory()();
  append_series(*source, all);
  std::stringstream lines;
  ASSERT_TRUE(export_journal(*source, {}, [&](std::string_view some) {
                lines << some;
                return true;
              }).ok());
  const auto copy = memory()();
  const auto imported = import_journal(lines, *copy);
  ASSERT_TRUE(imported.ok()) << imported.message;
  replay_report report;
  ASSERT_TRUE(replay_journal(*copy, request_of({&type_descriptor<series>()}), report).ok());
  ASSERT_EQ(report.entities.size(), series_count);
  for (const auto& one : report.entities) {
    boost::json::value value;
    json::problem wrong;
    series state;
    ASSERT_TRUE(json::parse(one.state_json, value, wrong) && json::decode(value, state, wrong))
        << wrong.text();
    const auto& expected = all.at(std::stoul(one.entity.substr(sizeof("series/") - 1)));
    ASSERT_EQ(state.values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(state.values[i]),
                std::bit_cast<std::uint64_t>(expected[i]))
          << "seed " << seed << ", " << one.entity << ", value " << i;
  }
}

} // namespace
} // namespace cairn
