// `verify_journal`: a good journal is counted whole, and every invariant of the bytes, broken one
// at a time, is found and named with its place.

#include <cairn/detail/tools/verify.hpp>

#include "persistence/replay/recovery.hpp"
#include "tests/persistence/altered_journal.hpp"
#include "tests/persistence/authored_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using testing::altered_journal;
using testing::author;
using testing::counter;
using testing::dice;

/// Eight changes of three entities with everything that a change can have.
class Verify : public ::testing::Test {
protected:
  Verify() {
    author writes(*journal_);
    cause why;
    why.id = "c-1";
    why.meta = {{"who", "x"}};
    writes.send(counter(), "a", "add", R"({"n":1})", why); // 0
    writes.unit(2);
    writes.send(counter(), "a", "add", R"({"n":2})");     // 1
    writes.send(counter(), "b", "set", R"({"value":5})"); // 2
    writes.send(dice(), "d", "roll", R"({"times":3})");   // 3
    writes.snapshot("counter/a").snapshot("dice/d");
    writes.remove(counter(), "b"); // 4
    writes.snapshot("counter/b");
    writes.send(counter(), "a", "add", R"({"n":3})");     // 5
    writes.send(dice(), "d", "aim", R"({"share":0.1})");  // 6
    writes.send(counter(), "a", "set", R"({"value":9})"); // 7
  }

  void expect_damage(const std::string& text, position_type changes_good) {
    verify_report report;
    const auto result = verify_journal(altered_, report);
    EXPECT_FALSE(result.ok()) << "not found: " << text;
    EXPECT_NE(result.message.find(text), std::string::npos) << result.message;
    EXPECT_EQ(report.changes, changes_good);
  }

  /// Breaks the change at `position` and expects it to be found there, with `text` in the message.
  void expect_found(position_type position, const std::function<void(record&)>& damage,
                    const std::string& text) {
    altered_.change = [&](record& next) {
      if (next.position == position) damage(next);
      return true;
    };
    expect_damage(text, position);
    altered_.change = nullptr;
  }

  std::unique_ptr<journal> journal_ = memory()();
  altered_journal altered_{*journal_};
};

TEST_F(Verify, CountsAGoodJournal) {
  verify_report report;
  const auto result = verify_journal(*journal_, report);
  ASSERT_TRUE(result.ok()) << result.message;
  EXPECT_EQ(report.changes, 8U);
  EXPECT_EQ(report.units, 7U);
  EXPECT_EQ(report.events, 10U);
  EXPECT_EQ(report.entities, 3U);
  EXPECT_EQ(report.removed, 1U);
  EXPECT_EQ(report.snapshots, 3U);
  EXPECT_EQ(report.states, 3U);
  EXPECT_GT(report.payload_bytes, 50U);
}

TEST_F(Verify, AnEmptyJournalIsGood) {
  verify_report report;
  EXPECT_TRUE(verify_journal(*memory()(), report).ok());
}

TEST_F(Verify, FindsContradictionsBetweenChanges) {
  expect_found(
      3,
      [](record& next) {
        next.version = 2;
        next.previous = 2;
      },
      "damaged at position 3 (dice/d version 2): version: expected 1, found 2");
  expect_found(
      5, [](record& next) { next.version = 4; }, "version: expected 3, found 4");
  expect_found(
      5, [](record& next) { next.previous = 0; }, "previous: expected 1, found 0");
  expect_found(
      5, [](record& next) { next.previous = no_position; }, "previous: expected 1, found null");
  expect_found(
      0, [](record& next) { next.previous = 0; }, "previous: expected null, found 0");
  expect_found(
      6, [](record& next) { next.time_us = 5; }, "time: 1970-01-01T00:00:00.000005Z is before");
  expect_found(
      1, [](record& next) { next.unit_index = 1; }, "unit: found change 1");
  expect_found(
      2, [](record& next) { next.unit_size = 3; }, "unit: found change 1 of a unit of 3");
  expect_found(
      2,
      [](record& next) {
        next.unit_index = 0;
        next.unit_size = 1;
      },
      "unit: found change 0");
  expect_found(
      5, [](record& next) { next.position = 6; }, "position: expected 5, found 6");
  expect_found(
      5, [](record& next) { next.entity = "counter/b"; }, "damaged at position 5 (counter/b");
}

TEST_F(Verify, FindsContradictionsInsideAChange) {
  expect_found(
      5, [](record& next) { next.body = "\x01"; }, "body that does not decode");
  expect_found(
      5, [](record& next) { next.body = "\x02\x01"; }, "format 2");
  expect_found(
      4, [](record& next) { next.removes = false; }, "removes: is not true");
  expect_found(
      5, [](record& next) { next.removes = true; }, "removes: is true");
  expect_found(
      5, [](record& next) { next.entity = "counter"; }, "entity: expected TYPE/ID");
  std::string body;
  const auto with = [&](const std::function<void(change&)>& damage) {
    return [&, damage](record& next) {
      change decoded;
      ASSERT_TRUE(decode_change(next, decoded).ok());
      damage(decoded);
      body.clear();
      encode_change_body(body, decoded);
      next.body = body;
    };
  };
  expect_found(5, with([](change& of) { of.events[0].data = "{\"n\":1,\"n\":2}"; }),
               "data: event added: n: stands twice");
  expect_found(5, with([](change& of) { of.events[0].data = "{"; }), "data: event added: ");
  expect_found(3, with([](change& of) { of.cause.reply = "nan"; }), "reply: ");
  expect_found(3, with([](change& of) { of.cause.arguments = ""; }), "arguments: ");
  expect_found(5, with([](change& of) { of.cause.command = "\xff"; }),
               "command: text is not valid UTF-8");
  expect_found(5, with([](change& of) {
                 of.cause.meta = {{"a", "b"}, {"a", "c"}};
               }),
               "meta: a stands twice");
  expect_found(4, with([](change& of) { of.events.push_back(of.events[0]); }),
               "$removed stands beside");
}

TEST_F(Verify, FindsAChangeThatIsMissingAndAnEndThatIs) {
  altered_.change = [](record& next) { return next.position != 3; };
  expect_damage("position: expected 3, found 4", 3);
  altered_.change = [](record& next) { return next.position != 7; };
  expect_damage("damaged at position 7: the journal ends there", 7);
  altered_.change = [](record& next) { return next.position < 2; };
  expect_damage("damaged at position 2", 2);
}

TEST_F(Verify, FindsHeadsThatDisagreeWithTheLog) {
  altered_.heads_found = [](std::string_view entity, head& found) {
    if (entity == "counter/b") found.removed = false;
  };
  expect_damage("the head of counter/b", 8);
  altered_.heads_found = [](std::string_view entity, head& found) {
    if (entity == "counter/a") found.version = 3;
  };
  expect_damage("the head of counter/a is version 3 at position 7, the log has version 4", 8);
  altered_.heads_found = nullptr;
  altered_.more_heads = {{"counter/0", {1, 2, false}}};
  expect_damage("a head of counter/0, but no change", 8);
}

/// Shows the snapshot of `entity` with another content.
auto with_content(const std::string& entity, std::string& body,
                  const std::function<void(std::string&)>& damage) {
  return [&body, entity, damage](snapshot& next) {
    if (next.entity != entity) return true;
    body = next.body;
    damage(body);
    next.body = body;
    return true;
  };
}

TEST_F(Verify, FindsSnapshotsThatDisagreeWithTheLog) {
  std::string body;
  altered_.snapshots = [](snapshot& next) {
    next.version += next.entity == "dice/d" ? 9 : 0;
    return true;
  };
  expect_damage("the snapshot of dice/d at version 10 is of a version that the log does not have",
                8);
  altered_.snapshots = [](snapshot& next) {
    next.position -= next.entity == "dice/d" ? 1 : 0;
    return true;
  };
  expect_damage("names position 2, the log has that version at position 3", 8);
  altered_.snapshots = with_content("counter/b", body, [](std::string& of) { of[1] = 0; });
  expect_damage("is of a live entity, its change removes it", 8);
  altered_.snapshots = with_content("counter/a", body, [](std::string& of) { of[1] = 1; });
  expect_damage("is of a removed entity", 8);
  altered_.snapshots = with_content("dice/d", body, [](std::string& of) { of[20] ^= 1; });
  expect_damage("the snapshot of dice/d at version 1 does not match its own hash", 8);
  altered_.snapshots = with_content("dice/d", body, [](std::string& of) { of[0] = 9; });
  expect_damage("has format 9", 8);
  altered_.snapshots = with_content("dice/d", body, [](std::string& of) { of += 'x'; });
  expect_damage("command ids that do not decode", 8);
}

TEST_F(Verify, FindsImplausibleCommandIds) {
  std::string body;
  std::string good;
  ASSERT_TRUE(journal_
                  ->scan_snapshots([&](const snapshot& next) {
                    if (next.entity == "counter/a") good = next.body;
                    return true;
                  })
                  .ok());
  // The ids are the last part: c-1, its hash, version, position + 1, no reply.
  const auto id = good.find("c-1");
  ASSERT_NE(id, std::string::npos);
  const auto version = id + 3 + sizeof(content_hash);
  altered_.snapshots = with_content("counter/a", body, [&](std::string& of) { of[version] = 9; });
  expect_damage("remembers a command of version 9", 8);
  altered_.snapshots =
      with_content("counter/a", body, [&](std::string& of) { of[version + 1] = 40; });
  expect_damage("remembers a command at position 39", 8);
  altered_.snapshots = with_content("counter/a", body, [&](std::string& of) { of[id] = '\xff'; });
  expect_damage("remembers a command id that is none", 8);
}

TEST_F(Verify, ShowsProgressAndSummarizesWhatIsThere) {
  position_type last = 0;
  verify_report report;
  ASSERT_TRUE(verify_journal(*journal_, report, [&](position_type done) { last = done; }).ok());
  EXPECT_EQ(last, 8U);
  journal_summary summary;
  ASSERT_TRUE(summarize_journal(*journal_, summary).ok());
  EXPECT_EQ(summary.changes, 8U);
  EXPECT_EQ(summary.types["counter"].live, 1U);
  EXPECT_EQ(summary.types["counter"].removed, 1U);
  EXPECT_EQ(summary.types["dice"].live, 1U);
  EXPECT_EQ(summary.snapshots, 3U);
  EXPECT_EQ(summary.last_time_us - summary.first_time_us, 7);
}

} // namespace
} // namespace cairn
