// The log of refused commands: what is written can be read, it stays within its bytes, and what a crash
// leaves of it is no hindrance.

#include "persistence/refusals/refusal_log.hpp"

#include <cairn/detail/tools/refusals.hpp>

#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace cairn {
namespace {

namespace fs = std::filesystem;

refusal stale_refusal() {
  refusal made;
  made.time_us = 1'780'251'600'000'001;
  made.entity = "address/a";
  made.command = "change_county";
  made.conflict = conflict_kind::stale;
  made.expected = {expectation::kind::at, 3};
  made.actual = 5;
  made.aspects = {"county"};
  made.client = "ann";
  return made;
}

std::string json_of(const refusal& shown) {
  std::string line;
  write_refusal_json(line, shown);
  return line;
}

class RefusalLog : public ::testing::Test {
protected:
  std::vector<refusal> read() {
    std::vector<refusal> all;
    notices_.clear();
    found_ = false;
    const auto done = read_refusals(
        path(), [&](const refusal& next) { all.push_back(next); }, found_, notices_);
    EXPECT_TRUE(done.ok()) << done.message;
    return all;
  }

  /// The reasons of what is read.
  std::vector<std::string> reasons() {
    std::vector<std::string> all;
    for (const auto& next : read()) all.push_back(next.reason);
    return all;
  }

  void record(persistence::refusal_log& log, const std::string& reason) {
    refusal made;
    made.entity = "counter/a";
    made.command = "add";
    made.reason = reason;
    log.record(made);
    log.flush(); // it is written on a thread of its own
  }

  void append_text(std::string_view text) {
    std::ofstream(persistence::refusals_path(path()), std::ios::app) << text;
  }

  const fs::path& path() const { return directory_.path(); }

  testing::temporary_directory directory_;
  bool found_ = false;
  std::vector<std::string> notices_;
};

} // namespace

TEST(RefusalJson, SaysWhoWantedWhatAndWhyNot) {
  EXPECT_EQ(
      json_of(stale_refusal()),
      R"({"time":"2026-05-31T18:20:00.000001Z","entity":"address/a","command":"change_county","outcome":"conflict","kind":"stale","expected":3,"actual":5,"aspects":["county"],"client":"ann"})");
  refusal rejected;
  rejected.entity = "counter/a";
  rejected.command = "add";
  rejected.reason = "below zero";
  EXPECT_EQ(
      json_of(rejected),
      R"({"time":"1970-01-01T00:00:00.000000Z","entity":"counter/a","command":"add","outcome":"rejected","expected":"any","actual":0,"reason":"below zero"})");
}

TEST(RefusalJson, ComesBackAsItWas) {
  for (const auto kind : {conflict_kind::stale, conflict_kind::ahead, conflict_kind::exists,
                          conflict_kind::absent, conflict_kind::deleted, conflict_kind::leased}) {
    for (const expectation expected : {expectation{}, expectation{expectation::kind::absent},
                                       expectation{expectation::kind::exists},
                                       expectation{expectation::kind::at, version_max}}) {
      auto made = stale_refusal();
      made.conflict = kind;
      made.expected = expected;
      const auto back = read_refusal_json(json_of(made));
      ASSERT_TRUE(back) << json_of(made);
      EXPECT_EQ(json_of(*back), json_of(made));
      EXPECT_EQ(back->conflict, kind);
      EXPECT_EQ(back->expected, expected);
      EXPECT_EQ(back->time_us, made.time_us);
      EXPECT_EQ(back->client, "ann");
    }
  }
}

TEST(RefusalJson, LongTextsAreCutBetweenCharacters) {
  refusal made;
  made.entity = "counter/a";
  made.reason = std::string(255, 'x');
  made.reason += "é and more";
  made.client = std::string(300, 'y');
  const auto back = read_refusal_json(json_of(made));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->reason, std::string(253, 'x') + "…");
  EXPECT_EQ(back->client, std::string(253, 'y') + "…");
}

TEST(RefusalJson, WhatIsNoRefusalIsNone) {
  const auto line = json_of(stale_refusal());
  EXPECT_FALSE(read_refusal_json(line.substr(0, line.size() - 1)));
  for (
      const char* other :
      {"", "{}", "[]", "7", "text", R"({"time":"yesterday","entity":"a/b","actual":1})",
       R"({"time":"2026-05-31T18:20:00Z","entity":"a/b","outcome":"rejected"})",
       R"({"time":"2026-05-31T18:20:00Z","entity":"a/b","actual":1,"outcome":"accepted"})",
       R"({"time":"2026-05-31T18:20:00Z","entity":"a/b","actual":1,"outcome":"conflict","kind":"x"})"}) {
    EXPECT_FALSE(read_refusal_json(other)) << other;
  }
}

TEST_F(RefusalLog, IsReadInOrderAlsoWhileItIsWritten) {
  persistence::refusal_log log(path(), 1'000'000);
  record(log, "one");
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one"}));
  record(log, "two");
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(notices_.empty());
}

TEST_F(RefusalLog, WithoutOneThereIsNothingToRead) {
  EXPECT_TRUE(read().empty());
  EXPECT_FALSE(found_);
  const persistence::refusal_log log(path(), 1'000'000);
  EXPECT_TRUE(read().empty());
  EXPECT_TRUE(found_);
}

TEST_F(RefusalLog, KeepsTheNewestWithinItsBytes) {
  constexpr std::uint64_t bytes_max = 4'096;
  constexpr int lines = 500;
  {
    persistence::refusal_log log(path(), bytes_max);
    for (int i = 0; i < lines; ++i) {
      record(log, std::to_string(i));
      std::uint64_t bytes = 0;
      for (const auto& file : fs::directory_iterator(path())) bytes += file.file_size();
      ASSERT_LE(bytes, bytes_max) << i;
    }
  }
  const auto kept = reasons();
  ASSERT_GT(kept.size(), 10U); // half of the bytes at least are in use
  EXPECT_LT(kept.size(), 40U);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(kept[i], std::to_string(lines - kept.size() + i));
  }
}

TEST_F(RefusalLog, AFileThatMayNotBeSoLargeAnyMoreIsThrownAway) {
  {
    persistence::refusal_log log(path(), 20'000);
    for (int i = 0; i < 120; ++i) record(log, "old");
  }
  ASSERT_GT(fs::file_size(persistence::older_refusals_path(path())), 2'048U);
  ASSERT_GT(fs::file_size(persistence::refusals_path(path())), 2'048U);
  persistence::refusal_log log(path(), 4'096);
  record(log, "new");
  EXPECT_EQ(reasons(), (std::vector<std::string>{"new"}));
  EXPECT_FALSE(fs::exists(persistence::older_refusals_path(path())));
}

TEST_F(RefusalLog, GoesOnWhereTheLastProgramStopped) {
  for (const std::string reason : {"one", "two", "three"}) {
    persistence::refusal_log log(path(), 1'000'000);
    record(log, reason);
  }
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(RefusalLog, ALineThatACrashCutShortIsPassedOverAndReported) {
  {
    persistence::refusal_log log(path(), 1'000'000);
    record(log, "one");
  }
  append_text(R"({"time":"2026-05-31T18:20:00Z","entity":"coun)");
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one"}));
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_NE(notices_[0].find("refusals.jsonl: passed over 1 line"), std::string::npos);
  EXPECT_NE(notices_[0].find("is line 2"), std::string::npos);
  persistence::refusal_log log(path(), 1'000'000);
  record(log, "two");
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(notices_.size(), 1U);
}

TEST_F(RefusalLog, ALineThatDoesNotFitIsLostAndNothingElse) {
  persistence::refusal_log log(path(), 400);
  record(log, "one");
  record(log, std::string(200, 'x'));
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one"}));
  record(log, "two");
  EXPECT_EQ(reasons().back(), "two");
}

// Who refuses leaves a note and goes on, however long the disk takes.
TEST_F(RefusalLog, WhileItCannotWriteRefusalsWaitAndNobodyElse) {
  persistence::refusal_log log(path(), 1'000'000);
  refusal made;
  made.entity = "counter/a";
  {
    const auto held = log.hold();
    for (const char* reason : {"one", "two", "three"}) {
      made.reason = reason;
      log.record(made);
    }
    EXPECT_TRUE(reasons().empty());
  }
  log.flush();
  EXPECT_EQ(reasons(), (std::vector<std::string>{"one", "two", "three"}));
}

// Invariant 8.
TEST_F(RefusalLog, ThoseThatFindNoRoomAreCountedAndTheLogSaysHowMany) {
  persistence::refusal_log log(path(), 1'000'000, 3);
  refusal made;
  made.entity = "counter/a";
  {
    const auto held = log.hold();
    for (int i = 0; i < 10; ++i) {
      made.reason = std::to_string(i);
      log.record(made);
    }
    EXPECT_EQ(log.dropped(), 7U);
  }
  log.flush();
  EXPECT_EQ(reasons(), (std::vector<std::string>{"0", "1", "2"}));
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_NE(notices_[0].find("refusals.jsonl: 7 refusals are missing"), std::string::npos)
      << notices_[0];
  record(log, "next");
  EXPECT_EQ(reasons().back(), "next");
}

TEST_F(RefusalLog, WhatWaitsIsWrittenWhenItEnds) {
  {
    persistence::refusal_log log(path(), 1'000'000);
    refusal made;
    made.entity = "counter/a";
    for (int i = 0; i < 500; ++i) {
      log.record(made);
    }
  }
  EXPECT_EQ(reasons().size(), 500U);
}

TEST_F(RefusalLog, ThatCannotBeWrittenDoesNotOpen) {
  fs::create_directory(persistence::refusals_path(path()));
  EXPECT_THROW(persistence::refusal_log(path(), 1'000'000), startup_error);
}

TEST_F(RefusalLog, BelongsBesideAJournalInADirectoryThatIsWritten) {
  EXPECT_EQ(memory()()->side_directory(), fs::path());
  const auto written = rocksdb(path())();
  EXPECT_EQ(written->side_directory(), path());
  EXPECT_TRUE(written->close().ok());
  rocksdb_options options;
  options.read_only = true;
  EXPECT_EQ(rocksdb(path(), options)()->side_directory(), fs::path());
}

} // namespace cairn
