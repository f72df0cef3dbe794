#include <cairn/testing.hpp>

#include "compare/trace/document.hpp"
#include "compare/trace/file.hpp"
#include "compare/trace/run.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cairn::compare {
namespace {

/// Two people: one writes "abc", both see it; then the first types in front, while the second erases `b` and types
/// behind `c`; then the first, who has seen all, types at the end.
constexpr auto small_session = R"({"kind":"concurrent","endContent":"xacé!","numAgents":2,"txns":[
  {"parents":[],"agent":0,"patches":[[0,0,"abc"]]},
  {"parents":[0],"agent":0,"patches":[[0,0,"x"]]},
  {"parents":[0],"agent":1,"patches":[[1,1,""],[2,0,"é"]]},
  {"parents":[1,2],"agent":0,"patches":[[4,0,"!"]]}]})";

trace_session parsed(std::string_view text) {
  trace_session session;
  std::string problem;
  EXPECT_TRUE(parse_trace(text, session, problem)) << problem;
  return session;
}

TEST(TraceFile, AnEditHasSeenTheEditsThatItsParentsHadSeen) {
  const auto session = parsed(small_session);
  ASSERT_EQ(session.edits.size(), 4U);
  EXPECT_EQ(session.edits[2].seen, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(session.edits[2].observed, 1U);
  EXPECT_EQ(session.edits[3].seen, (std::vector<std::uint32_t>{2, 1}));
}

TEST(TraceFile, WhatIsNoTraceIsRefusedWithTheReason) {
  trace_session session;
  std::string problem;
  for (
      const char* text :
      {"", "[]", "{}", R"({"endContent":"","txns":[{"patches":[[0,0]]}]})",
       R"({"kind":"concurrent","endContent":"","numAgents":1,"txns":[{"parents":[0],"agent":0,"patches":[]}]})",
       R"({"kind":"concurrent","endContent":"","numAgents":1,"txns":[{"parents":[],"agent":1,"patches":[]}]})"}) {
    problem.clear();
    EXPECT_FALSE(parse_trace(text, session, problem)) << text;
    EXPECT_NE(problem, "") << text;
  }
  EXPECT_FALSE(read_trace("/nonexistent/trace.json.gz", session, problem));
}

TEST(TraceRun, MergingPutsEachEditWhereItWasMeant) {
  const auto results = run_session(parsed(small_session));
  ASSERT_EQ(results.size(), 4U);
  const auto& [single, strict, merged] = std::tie(results[0], results[1], results[3]);
  EXPECT_EQ(results[2].strategy, "optimistic-informed");
  EXPECT_EQ(results[2].retried, 1U);
  EXPECT_TRUE(results[2].ends_as_recorded);
  for (const auto& one : results) EXPECT_EQ(one.error, "");
  EXPECT_EQ(single.accepted, 4U);
  EXPECT_EQ(single.elsewhere, 1U); // `b`'s place has become `a`'s
  EXPECT_FALSE(single.ends_as_recorded);
  EXPECT_EQ(strict.refused_at_first, 1U);
  EXPECT_EQ(strict.retried, 1U);
  EXPECT_TRUE(strict.ends_as_recorded);
  EXPECT_EQ(merged.merged, 1U);
  EXPECT_EQ(merged.refused_at_first, 0U);
  EXPECT_TRUE(merged.ends_as_recorded);
}

TEST(TraceRun, ASequentialSessionNeedsNoProtection) {
  const auto session = parsed(
      R"({"startContent":"","endContent":"hi","txns":[{"patches":[[0,0,"h!"]]},{"patches":[[1,1,"i"]]}]})");
  for (const auto& one : run_session(session)) {
    EXPECT_EQ(one.error, "");
    EXPECT_EQ(one.accepted, 2U) << one.strategy;
    EXPECT_EQ(one.refused_at_first + one.merged + one.elsewhere, 0U) << one.strategy;
    EXPECT_TRUE(one.ends_as_recorded) << one.strategy;
  }
}

TEST(TraceDocument, WhatTwoAuthorsEraseIsErasedForEach) {
  const auto typed = [](std::uint32_t author, std::uint32_t position, std::uint32_t erased,
                        const char* text, std::vector<std::uint32_t> seen) {
    return text_document::edit{author, {{position, erased, text}}, std::move(seen)};
  };
  auto document = cairn::testing::given<text_document>();
  document.when(typed(0, 0, 0, "ab", {0, 0}));
  document.when(typed(0, 0, 1, "", {1, 0})); // both erase `a` …
  document.when(typed(1, 0, 1, "", {1, 0}));
  document.when(typed(1, 1, 0, "!", {1, 1})); // … and the second one counts without it
  document.then(text_document::changed{1, {{2, false, "!"}}});
  document.when(typed(1, 9, 0, "?", {2, 2})).then_rejected("the text has no such position");
}

/// The recorded sessions of the folder that CAIRN_REAL_INPUT names.
class TraceRealInput : public ::testing::Test {
protected:
  trace_session session(const char* name) {
    const auto file = std::filesystem::path(std::getenv("CAIRN_REAL_INPUT")) / name;
    EXPECT_TRUE(std::filesystem::is_regular_file(file)) << file << " is missing";
    trace_session read;
    std::string problem;
    EXPECT_TRUE(read_trace(file.string(), read, problem)) << problem;
    return read;
  }

  void SetUp() override {
    if (std::getenv("CAIRN_REAL_INPUT") == nullptr) {
      GTEST_SKIP() << "CAIRN_REAL_INPUT names no folder with friendsforever.json.gz";
    }
  }
};

TEST_F(TraceRealInput, TwoPeopleTypingAtOnceConflictAsOftenAsRecorded) {
  const auto results = run_session(session("friendsforever.json.gz"));
  ASSERT_EQ(results.size(), 4U);
  for (const auto& one : results) {
    EXPECT_EQ(one.error, "");
    EXPECT_EQ(one.edits, 26'078U);
  }
  EXPECT_EQ(results[1].refused_at_first, 11'700U);
  EXPECT_EQ(results[1].accepted, 26'078U);
  EXPECT_TRUE(results[1].ends_as_recorded);
  EXPECT_EQ(results[2].refused_at_first, 11'700U);
  EXPECT_EQ(results[2].retried, 11'700U);
  EXPECT_TRUE(results[2].ends_as_recorded);
  EXPECT_EQ(results[3].accepted, 26'078U);
  EXPECT_EQ(results[3].merged, 11'700U);
  EXPECT_TRUE(results[3].ends_as_recorded);
  EXPECT_FALSE(results[0].ends_as_recorded);
}

TEST_F(TraceRealInput, TheSameFlattenedToOneWriterNeedsNoProtection) {
  for (const auto& one : run_session(session("friendsforever_flat.json.gz"))) {
    EXPECT_EQ(one.error, "");
    EXPECT_EQ(one.refused_at_first + one.merged + one.elsewhere + one.rejected, 0U);
    EXPECT_TRUE(one.ends_as_recorded) << one.strategy;
  }
}

} // namespace
} // namespace cairn::compare
