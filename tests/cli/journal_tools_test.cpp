// The journal tools through the real program: what they print, how they end, that readers change nothing
// and work beside a live program, and that damage is named.

#include "tests/cli/journal_program.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testing::files_in;
using testing::live_program;
using testing::read_file;
using testing::run_cairn;
using testing::run_shell;
using testing::temporary_directory;
using testing::write_file;

constexpr const char* readers[] = {"journal stat --data data",
                                   "journal stat --data data --json",
                                   "journal cat --data data",
                                   "journal verify --data data",
                                   "journal export --data data",
                                   "journal backup --data data --to ../copy",
                                   "replay --data data",
                                   "replay --data data --verify",
                                   "replay --data data --json --position 7"};

std::string add(const std::string& id, int n) {
  return R"({"do":"send","entity":"counter/)" + id + R"(","command":"add","args":{"n":)" +
         std::to_string(n) + "}}";
}

class JournalTools : public ::testing::Test {
protected:
  JournalTools() { fs::create_directory(work()); }

  fs::path work() const { return directory_.path() / "work"; }
  testing::finished run(const std::string& arguments) { return run_cairn(work(), arguments); }

  /// 2,001 changes of three counters and an address, one of them removed.
  void make_journal() {
    std::string requests;
    for (int i = 0; i < 1999; ++i) requests += add(std::to_string(i % 3), i) + '\n';
    requests += "{\"do\":\"remove\",\"entity\":\"counter/2\"}\n";
    requests +=
        R"({"do":"send","entity":"address/x","command":"move","id":"m-1","meta":{"who":"ü"},)"
        R"("args":{"state":"a","county":"b"}})"
        "\n";
    write_file(work() / "requests", requests);
    const auto done =
        run_shell(work(), "cairn exec --data data --concurrent 500 <requests >/dev/null");
    ASSERT_EQ(done.status, 0) << done.err;
    fs::remove(work() / "requests");
  }

  temporary_directory directory_;
};

TEST_F(JournalTools, ExportImportExportIsTheSameByteForByte) {
  make_journal();
  EXPECT_EQ(run("journal export --data data --out first").status, 0);
  const auto imported = run("journal import --data copy first");
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(run_shell(work(), "cairn journal import --data piped <first").status, 0);
  for (const char* copy : {"copy", "piped"}) {
    const auto verified = run(std::string("journal verify --data ") + copy);
    EXPECT_EQ(verified.status, 0) << verified.err;
    EXPECT_EQ(run(std::string("journal export --data ") + copy).out, read_file(work() / "first"));
    EXPECT_EQ(run(std::string("replay --json --data ") + copy).out,
              run("replay --json --data data").out);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(work()), {}), 4); // data, first, copy, piped
}

TEST_F(JournalTools, StatCountsWhatIsThere) {
  make_journal();
  const auto text = run("journal stat --data data").out;
  EXPECT_NE(text.find("changes      2,001\n"), std::string::npos) << text;
  EXPECT_NE(text.find("counter    2 live, 1 removed\n"), std::string::npos) << text;
  const auto json = run("journal stat --data data --json").out;
  EXPECT_EQ(
      json.find(
          R"({"format":"cairn journal 1","changes":2001,"types":{"address":{"live":1,"removed":0},)"
          R"("counter":{"live":2,"removed":1}},"first_time":"20)"),
      0U)
      << json;
}

TEST_F(JournalTools, StatShowsTheLineageAndWhereItPartedFromItsParent) {
  make_journal();
  const auto lineage_of = [&](const char* data) {
    const auto json = run(std::string("journal stat --json --data ") + data).out;
    const auto at = json.find("\"lineage\":\"");
    return at == json.npos ? json : json.substr(at);
  };
  const auto parent = lineage_of("data");
  const auto id = parent.substr(11, 32);
  EXPECT_EQ(parent.substr(0, 59), "\"lineage\":\"" + id + "\",\"ancestors\":[]");
  EXPECT_NE(run("journal stat --data data").out.find("lineage      " + id + "\n"),
            std::string::npos);
  ASSERT_EQ(run("journal backup --data data --to copy").status, 0);
  EXPECT_EQ(lineage_of("copy"), parent) << "nobody has written to it";
  ASSERT_EQ(run_shell(work(), "cairn exec --data copy </dev/null").status, 0);
  const auto own = lineage_of("copy");
  EXPECT_NE(own.substr(11, 32), id);
  EXPECT_NE(own.find(R"("ancestors":[{"lineage":")" + id + R"(","from":0,"to":2001}])"), own.npos)
      << own;
  const auto text = run("journal stat --data copy").out;
  EXPECT_NE(text.find("from position 2,001, before that " + id + "\n"), std::string::npos) << text;
}

TEST_F(JournalTools, AnExportThatWasCutBetweenLinesIsRefusedUnlessToldOtherwise) {
  make_journal();
  ASSERT_EQ(run_shell(work(), "cairn journal export --data data | head -n 1500 >lines").status, 0);
  const auto done = run("journal import --data copy lines");
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(done.err.find("cairn journal import: line 1500: no end line follows"), 0U) << done.err;
  EXPECT_FALSE(fs::exists(work() / "copy"));
  EXPECT_EQ(run("journal import --no-end --data copy lines").status, 0);
  EXPECT_NE(run("journal stat --data copy").out.find("changes      1,500\n"), std::string::npos);
}

TEST_F(JournalTools, CatShowsTheChangesAskedFor) {
  make_journal();
  const auto all = run("journal cat --data data").out;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2001);
  // An export has one line more, which says that nothing is missing.
  const auto exported = run("journal export --data data").out;
  EXPECT_EQ(exported.substr(0, all.size()), all);
  EXPECT_EQ(exported.substr(all.size()).find(R"({"end":{"changes":2001,"hash":)"), 0U);
  EXPECT_EQ(std::count(exported.begin(), exported.end(), '\n'), 2002);
  const auto two = run("journal cat --data data --from 1000 --limit 2").out;
  EXPECT_EQ(two.find("{\"position\":1000,"), 0U);
  EXPECT_EQ(std::count(two.begin(), two.end(), '\n'), 2);
  const auto one = run("journal cat --data data --entity address/x").out;
  EXPECT_NE(
      one.find(
          R"("events":[{"name":"moved","schema":1,"data":{"state":"a","county":"b"}}],"command":"move","id":"m-1")"),
      std::string::npos)
      << one;
  EXPECT_EQ(run("journal cat --data data --entity counter/none").out, "");
}

TEST_F(JournalTools, AReaderThatHasSeenEnoughEndsThemQuietly) {
  make_journal();
  for (const char* tool : {"journal cat", "journal export", "replay --json"}) {
    const auto done =
        run_shell(work(), std::string("cairn ") + tool +
                              " --data data | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}");
    EXPECT_EQ(done.status, 0) << tool;
    EXPECT_EQ(done.err, "") << tool;
  }
}

TEST_F(JournalTools, ReadersChangeNothing) {
  make_journal();
  const auto before = files_in(work());
  for (const char* reader : readers) {
    const auto done = run(reader);
    EXPECT_EQ(done.status, 0) << reader << ": " << done.err;
    EXPECT_TRUE(files_in(work()) == before) << reader << " has changed something";
  }
}

TEST_F(JournalTools, ReadersWorkBesideALiveProgram) {
  live_program live(work(), "data");
  for (int i = 0; i < 100; ++i)
    ASSERT_NE(live.ask(add("a", 1)).find("accepted"), std::string::npos);
  for (const char* reader : readers) {
    const auto done = run(reader);
    EXPECT_EQ(done.status, 0) << reader << ": " << done.err;
    EXPECT_NE(live.ask(add("b", 1)).find("accepted"), std::string::npos) << reader;
  }
  const auto shown = run("replay --data data --entity counter/a --json").out;
  EXPECT_EQ(shown, "{\"entity\":\"counter/a\",\"version\":100,\"state\":{\"value\":100}}\n");
  EXPECT_EQ(run("journal verify --data ../copy").status, 0); // the backup
  write_file(work() / "lines", run("journal export --data data").out);
  EXPECT_EQ(run("journal import --data data lines").status, 2);
}

TEST_F(JournalTools, VerifyNamesDamageInAnyTable) {
  make_journal();
  std::vector<fs::path> tables;
  for (const auto& next : fs::recursive_directory_iterator(work()))
    if (next.path().extension() == ".sst") tables.push_back(next.path());
  ASSERT_FALSE(tables.empty());
  for (const auto& table : tables) {
    const auto good = read_file(table);
    auto bad = good;
    bad[bad.size() / 4] = static_cast<char>(bad[bad.size() / 4] ^ 0x10);
    write_file(table, bad);
    const auto done = run("journal verify --data data");
    EXPECT_EQ(done.status, 1) << table << done.out << done.err;
    EXPECT_EQ(done.err.find("cairn journal verify: "), 0U) << done.err;
    const auto json = run("journal verify --data data --json");
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(json.out.find(R"({"good":false,"error":"damaged","message":")"), 0U) << json.out;
    write_file(table, good);
  }
  const auto repaired = run("journal verify --data data");
  EXPECT_EQ(repaired.status, 0) << repaired.err;
  EXPECT_NE(repaired.out.find("the journal is good\n"), std::string::npos);
  EXPECT_NE(repaired.out.find("2,001 changes"), std::string::npos);
}

TEST_F(JournalTools, AFailedExportLeavesTheOldFile) {
  make_journal();
  write_file(work() / "kept", "old");
  fs::path changes; // the largest table
  for (const auto& next : fs::recursive_directory_iterator(work())) {
    const bool larger = changes.empty() || next.file_size() > fs::file_size(changes);
    if (next.path().extension() == ".sst" && larger) changes = next.path();
  }
  auto bytes = read_file(changes);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(changes, bytes);
  EXPECT_EQ(run("journal export --data data --out kept").status, 1);
  EXPECT_EQ(read_file(work() / "kept").substr(0, 10), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(work()), {}), 2);
}

TEST_F(JournalTools, ImportOfABadLineNamesItAndLeavesNothing) {
  make_journal();
  auto lines = run("journal export --data data").out;
  const auto at = lines.find("\"position\":1234,");
  ASSERT_NE(at, std::string::npos);
  lines.replace(at, 15, "\"position\":4321");
  write_file(work() / "lines", lines);
  const auto done = run("journal import --data copy lines");
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(done.err, "cairn journal import: line 1235: position: expected 1234, found 4321\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(work()), {}), 2);
}

TEST_F(JournalTools, WhatCannotStartSaysWhyAndEndsWithTwo) {
  make_journal();
  for (const char* arguments :
       {"journal stat --data none", "journal cat --data none", "journal verify --data none",
        "journal export --data none", "journal backup --data none --to x", "replay --data none",
        "journal import --data copy none", "journal import --data data",
        "journal backup --data data --to data", "journal cat", "journal cat --data data --from x",
        "journal", "journal cat --data data --entity counter",
        "journal export --data data --out none/file", "replay --data data --version 1",
        "replay --data data --time yesterday",
        "replay --data data --position 1 --time 2026-05-31T18:20:00Z"}) {
    const auto done = run(arguments);
    EXPECT_EQ(done.status, 2) << arguments << ": " << done.out;
    EXPECT_EQ(done.err.find("cairn "), 0U) << arguments << ": " << done.err;
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(work()), {}), 1);
}

TEST_F(JournalTools, EachHasHelpWithAnExample) {
  for (const char* tool : {"journal", "journal stat", "journal cat", "journal verify",
                           "journal export", "journal import", "journal backup", "replay"}) {
    const auto done = run(std::string(tool) + " --help");
    EXPECT_EQ(done.status, 0) << tool;
    EXPECT_NE(done.out.find("Example"), std::string::npos) << tool;
  }
}

} // namespace
} // namespace cairn
