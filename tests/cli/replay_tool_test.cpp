// `cairn replay` through the real program: states as they were, divergence, and types and events that the
// program does not know.

#include <cairn/entity.hpp>
#include <cairn/journal.hpp>

#include "cli/samples.hpp"
#include "entities/bytes.hpp"
#include "persistence/replay/recovery.hpp"
#include "tests/cli/journal_program.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testing::run_cairn;
using testing::temporary_directory;
using testing::write_file;

/// A line of an export.
std::string line(position_type position, const std::string& entity, version_type version,
                 const std::string& previous, const std::string& event, const std::string& data,
                 const std::string& more = "") {
  return "{\"position\":" + std::to_string(position) + ",\"entity\":\"" + entity +
         "\",\"version\":" + std::to_string(version) + ",\"previous\":" + previous +
         ",\"time\":\"2026-05-31T18:20:0" + std::to_string(position) +
         "Z\",\"events\":[{\"name\":\"" + event + "\",\"schema\":1,\"data\":" + data +
         "}],\"command\":\"x\"" + more + "}\n";
}

class ReplayTool : public ::testing::Test {
protected:
  void import(const std::string& lines) {
    write_file(directory_.path() / "lines", lines);
    const auto done = run("journal import --no-end --data data lines");
    ASSERT_EQ(done.status, 0) << done.err;
  }

  /// Two counters; the second to fourth change are one unit; b is removed at last.
  void import_sample() {
    const std::string unit = ",\"unit\":{\"first\":1,\"size\":3}";
    import(line(0, "counter/b", 1, "null", "added", "{\"n\":1}") +
           line(1, "counter/a", 1, "null", "value_set", "{\"value\":5}", unit) +
           line(2, "counter/b", 2, "0", "added", "{\"n\":2}", unit) +
           line(3, "counter/a", 2, "1", "added", "{\"n\":3}", unit) +
           line(4, "counter/b", 3, "2", "$removed", "{}", ",\"removes\":true"));
  }

  testing::finished run(const std::string& arguments) {
    return run_cairn(directory_.path(), arguments);
  }

  /// Standard output of a replay that ends well.
  std::string replay(const std::string& arguments) {
    const auto done = run("replay --data data " + arguments);
    EXPECT_EQ(done.status, 0) << arguments << ": " << done.err;
    return done.out;
  }

  temporary_directory directory_;
};

constexpr auto a2 = "{\"entity\":\"counter/a\",\"version\":2,\"state\":{\"value\":8}}\n";
constexpr auto b1 = "{\"entity\":\"counter/b\",\"version\":1,\"state\":{\"value\":1}}\n";
constexpr auto b2 = "{\"entity\":\"counter/b\",\"version\":2,\"state\":{\"value\":3}}\n";
constexpr auto b3 = "{\"entity\":\"counter/b\",\"version\":3,\"state\":null}\n";

TEST_F(ReplayTool, ShowsOneLineAnEntityInOrder) {
  import_sample();
  EXPECT_EQ(replay("--json"), std::string(a2) + b3);
  EXPECT_EQ(replay(""),
            "counter/a  version 2     {\"value\":8}\n"
            "counter/b  version 3     removed\n"
            "2 entities after position 4, 5 changes replayed\n");
}

TEST_F(ReplayTool, ShowsStatesAsTheyWere) {
  import_sample();
  EXPECT_EQ(replay("--json --position 0"), b1);
  EXPECT_EQ(replay("--json --position 3"), std::string(a2) + b2);
  EXPECT_EQ(replay("--json --time 2026-05-31T18:20:00.5Z"), b1);
  EXPECT_EQ(replay("--json --time 2026-05-31T18:19:59Z"), "");
  EXPECT_EQ(replay("--json --entity counter/b --version 2"), b2);
  EXPECT_EQ(replay("--json --entity counter/b --version 0"),
            "{\"entity\":\"counter/b\",\"version\":0,\"state\":null}\n");
  EXPECT_EQ(replay("--json --entity counter/b --position 3"), b2);
  EXPECT_EQ(replay("--entity counter/b --version 2"), "counter/b  version 2     {\"value\":3}\n");
}

TEST_F(ReplayTool, RoundsAPositionToItsUnitAndSaysSo) {
  import_sample();
  for (const char* entity : {"", " --entity counter/a"}) {
    const auto done = run(std::string("replay --data data --json --position 2") + entity);
    EXPECT_EQ(done.status, 0);
    EXPECT_EQ(done.out, *entity == '\0' ? std::string(a2) + b2 : a2);
    EXPECT_EQ(done.err,
              "cairn replay: position 2 lies inside a unit, which counts as a whole: replayed up "
              "to position 3\n");
  }
}

TEST_F(ReplayTool, WhatIsNotThereEndsWithOne) {
  import_sample();
  for (const char* what :
       {"--position 5", "--entity counter/a --version 3", "--entity counter/z --version 1"}) {
    const auto done = run(std::string("replay --data data ") + what);
    EXPECT_EQ(done.status, 1) << what;
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(done.err.find("cairn replay: "), 0U) << done.err;
  }
}

TEST_F(ReplayTool, ATypeThatItDoesNotKnowIsNamedWithTheWayOut) {
  import(line(0, "counter/a", 1, "null", "added", "{\"n\":1}") +
         line(1, "wallet/w", 1, "null", "earned", "{}"));
  const auto done = run("replay --data data");
  EXPECT_EQ(done.status, 2);
  EXPECT_NE(done.err.find("does not know the type wallet"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("yourprogram replay"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("--entity"), std::string::npos) << done.err;
  EXPECT_EQ(replay("--json --entity counter/a"),
            "{\"entity\":\"counter/a\",\"version\":1,\"state\":{\"value\":1}}\n");
  EXPECT_EQ(run("replay --data data --entity wallet/w").status, 2);
  EXPECT_EQ(run("journal verify --data data").status, 0); // needs no types
}

TEST_F(ReplayTool, AnEventThatItDoesNotKnowIsNamedWithItsPlace) {
  import(line(0, "counter/a", 1, "null", "added", "{\"n\":1}") +
         line(1, "counter/a", 2, "0", "doubled", "{}"));
  for (const char* entity : {"", " --entity counter/a"}) {
    const auto done = run(std::string("replay --data data") + entity);
    EXPECT_EQ(done.status, 1);
    EXPECT_EQ(
        done.err.find(
            "cairn replay: change 1 (counter/a version 2): event doubled of schema 1 is unknown"),
        0U)
        << done.err;
  }
  EXPECT_EQ(run("replay --data data --position 0").status, 0);
}

/// A snapshot that says `state`, as a program with a fault in `apply` would have left it.
void add_snapshot(const fs::path& data, std::string_view entity, version_type version,
                  std::string_view state) {
  std::string body("\x01\x00", 2);
  put_fixed64(body, type_descriptor<cli::counter>().fingerprint);
  put_fixed64(body, persistence::hash_state(state));
  put_bytes(body, state);
  put_varint(body, 0);
  const auto to = rocksdb(data)();
  append_batch batch;
  batch.snapshots.push_back({entity, version, no_position, body});
  to->append(batch,
             [](append_result result) { EXPECT_EQ(result.what, append_result::kind::committed); });
  EXPECT_TRUE(to->close().ok());
}

TEST_F(ReplayTool, VerifyNamesTheFirstChangeThatDiffersFromASnapshot) {
  import_sample();
  add_snapshot(directory_.path() / "data", "counter/a", 1, "{\"value\":5}");
  EXPECT_EQ(replay("--verify"),
            "2 entities after position 4, 5 changes replayed\n1 snapshot compared: all agree\n");
  EXPECT_EQ(replay("--verify --json"), std::string(a2) + b3);
  add_snapshot(directory_.path() / "data", "counter/a", 2, "{\"value\":9}");
  for (const char* entity : {"", " --entity counter/a"}) {
    const auto done = run(std::string("replay --data data --verify") + entity);
    EXPECT_EQ(done.status, 1);
    EXPECT_NE(done.err.find("change 3 (counter/a version 2) is the first"), std::string::npos)
        << done.err;
    EXPECT_NE(done.err.find("versions 2 to 2"), std::string::npos) << done.err;
  }
  EXPECT_EQ(run("journal verify --data data").status, 0); // whose bytes are as they were written
}

} // namespace
} // namespace cairn
