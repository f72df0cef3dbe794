// Export, import and backup: the same journal to the byte, or an error with line, member and reason
// and nothing left behind.

#include <cairn/detail/tools/transfer.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/persistence/authored_journal.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testing::author;
using testing::changes_of;
using testing::counter;
using testing::dice;
using testing::snapshots_of;
using testing::temporary_directory;

void write_sample(journal& to) {
  author writes(to);
  cause why;
  why.id = "c \"1\"";
  why.meta = {{"who", "Zoë"}, {"why", "\n"}};
  writes.send(counter(), "a", "add", R"({"n":1})", why);
  writes.unit(3);
  writes.send(counter(), "a", "add", R"({"n":2})");
  writes.send(counter(), "a", "add", R"({"n":3})");
  writes.send(dice(), "ü/🎲", "roll", R"({"times":3})", why);
  writes.remove(counter(), "a");
  writes.send(dice(), "ü/🎲", "aim", R"({"share":-0.0})");
  writes.snapshot("counter/a").snapshot("dice/ü/🎲");
}

std::string exported(const journal& from, const export_selection& selection = {}) {
  std::string lines;
  const auto result = export_journal(from, selection, [&](std::string_view some) {
    lines += some;
    return true;
  });
  EXPECT_TRUE(result.ok()) << result.message;
  return lines;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

class Transfer : public ::testing::Test {
protected:
  Transfer() { write_sample(*journal_); }

  void expect_refused(const std::string& text, const std::string& wrong) {
    const auto target = directory_.path() / "refused";
    std::istringstream in(text);
    const auto result = import_directory(in, target);
    EXPECT_FALSE(result.ok()) << wrong;
    EXPECT_EQ(result.message.substr(0, wrong.size()), wrong);
    EXPECT_TRUE(fs::is_empty(directory_.path())) << "something was left";
  }

  temporary_directory directory_;
  std::unique_ptr<journal> journal_ = memory()();
};

TEST_F(Transfer, ImportMakesTheSameJournalToTheByte) {
  const auto lines = exported(*journal_);
  const auto target = directory_.path() / "copy";
  std::istringstream in(lines);
  const auto imported = import_directory(in, target);
  ASSERT_TRUE(imported.ok()) << imported.message;
  const auto copy = rocksdb(target)();
  EXPECT_EQ(changes_of(*copy), changes_of(*journal_));
  EXPECT_EQ(exported(*copy), lines);
  verify_report report;
  EXPECT_TRUE(verify_journal(*copy, report).ok());
}

TEST_F(Transfer, ImportTakesALongJournalInBatches) {
  const auto source = memory()();
  author writes(*source);
  for (int i = 0; i < 20'000; ++i) {
    if (i % 5 == 0) writes.unit(5); // so that batches would end inside one
    writes.send(counter(), std::to_string(i * 7919 % 500), "add", R"({"n":1})");
  }
  const auto target = memory()();
  const auto lines = exported(*source);
  std::istringstream in(lines);
  const auto imported = import_journal(in, *target);
  ASSERT_TRUE(imported.ok()) << imported.message;
  EXPECT_EQ(changes_of(*target), changes_of(*source));
}

TEST_F(Transfer, ExportSelectsByPositionNumberAndEntity) {
  const auto all = lines_of(exported(*journal_));
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(all[6].substr(0, 27), R"({"end":{"changes":6,"hash":)");
  EXPECT_EQ(lines_of(exported(*journal_, {4, UINT64_MAX, ""})),
            std::vector(all.begin() + 4, all.begin() + 6));
  EXPECT_EQ(lines_of(exported(*journal_, {0, UINT64_MAX, "", false})),
            std::vector(all.begin(), all.begin() + 6));
  EXPECT_EQ(lines_of(exported(*journal_, {2, 2, ""})),
            std::vector(all.begin() + 1, all.begin() + 3));
  EXPECT_EQ(lines_of(exported(*journal_, {0, UINT64_MAX, "dice/ü/🎲"})),
            (std::vector{all[3], all[5]}));
  EXPECT_EQ(lines_of(exported(*journal_, {4, UINT64_MAX, "dice/ü/🎲"})), std::vector{all[5]});
  EXPECT_EQ(exported(*journal_, {0, UINT64_MAX, "dice/none"}), "");
  EXPECT_EQ(exported(*journal_, {0, 0, ""}), "");
  EXPECT_EQ(exported(*journal_, {99, 1, ""}), "");
}

TEST_F(Transfer, ExportStopsWhenTheSinkHasEnough) {
  const auto result = export_journal(*journal_, {}, [](std::string_view) { return false; });
  EXPECT_TRUE(result.ok()) << result.message;
}

TEST_F(Transfer, ExportNamesAChangeThatALineCannotHold) {
  std::string body;
  change bad;
  bad.cause.command = "\xff";
  bad.events = {{"made", 1, "{}"}};
  encode_change_body(body, bad);
  testing::batch_builder()
      .at_time(2'000'000'000'000'000)
      .add("thing/x", 1, body)
      .append_to(*journal_);
  const auto result = export_journal(*journal_, {}, [](std::string_view) { return true; });
  EXPECT_EQ(result.error, journal_errc::damaged);
  EXPECT_EQ(result.message, "change 6 (thing/x version 1): command: text is not valid UTF-8");
}

TEST_F(Transfer, ImportNamesLineMemberAndReason) {
  const auto good = lines_of(exported(*journal_));
  const auto with = [&](std::size_t line, const std::string& from, const std::string& to) {
    auto lines = good;
    const auto at = lines[line].find(from);
    EXPECT_NE(at, std::string::npos) << from;
    lines[line].replace(at, from.size(), to);
    return text_of(lines);
  };
  expect_refused(with(5, "\"position\":5", "\"position\":6"),
                 "line 6: position: expected 5, found 6");
  expect_refused(with(0, "\"position\":0", "\"position\":1"),
                 "line 1: position: expected 0, found 1");
  expect_refused(with(1, "\"version\":2", "\"version\":3"), "line 2: version: expected 2, found 3");
  expect_refused(with(1, "\"previous\":0", "\"previous\":null"),
                 "line 2: previous: expected 0, found null");
  expect_refused(with(0, "\"previous\":null", "\"previous\":0"),
                 "line 1: previous: expected null, found 0");
  expect_refused(with(2, "\"size\":3", "\"size\":4"),
                 "line 3: unit: found change 1 of a unit of 4");
  expect_refused(with(4, "\"time\":\"2026", "\"time\":\"2025"), "line 5: time: 2025");
  expect_refused(with(4, "\"removes\":true,", ""), "line 5: removes: is not true");
  expect_refused(with(3, "\"reply\":", "\"reply\":0"), "line 4: reply: ");
  expect_refused(with(5, "-0.0", "-0.0.0"), "line 6: events[0].data: ");
  expect_refused(text_of({good[0], good[1]}), "line 2: the lines end inside a unit: 2 more");
  expect_refused(text_of({good[0], "", "nonsense"}), "line 3: expected {");
  expect_refused(text_of({good[0], good[4]}), "line 2: position: expected 1, found 4");
  auto again = good[4];
  for (const auto& [from, to] :
       {std::pair("\"position\":4", "\"position\":5"), std::pair("\"version\":4", "\"version\":5"),
        std::pair("\"previous\":2", "\"previous\":4")})
    again.replace(again.find(from), std::string(from).size(), to);
  expect_refused(text_of({good[0], good[1], good[2], good[3], good[4], again}),
                 "line 6: events: $removed, but there is nothing to remove");
  expect_refused(text_of({good[0], good[0]}), "line 2: position: expected 1, found 0");
}

TEST_F(Transfer, AnExportThatWasCutAnywhereIsRefusedWithThePlace) {
  const auto lines = lines_of(exported(*journal_));
  for (std::size_t left = 0; left < lines.size(); ++left) {
    const auto text = text_of({lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(left)});
    const auto place = "line " + std::to_string(left) + ": ";
    expect_refused(text, left == 2 || left == 3 ? place + "the lines end inside a unit"
                                                : place + "no end line follows");
  }
  // In the middle of the end line too.
  auto cut = text_of(lines);
  cut.resize(cut.size() - 10);
  expect_refused(cut, "line 7: end");
}

TEST_F(Transfer, AnEndLineThatDoesNotAgreeIsRefused) {
  const auto good = lines_of(exported(*journal_));
  auto lines = good;
  const auto name = lines[5].find("\"name\":\"");
  ASSERT_NE(name, std::string::npos);
  lines[5].insert(name + 8, "x"); // the line is good by itself
  expect_refused(text_of(lines), "line 7: end.hash: ");
  lines = good;
  lines.erase(lines.begin() + 5);
  expect_refused(text_of(lines), "line 6: end.changes: expected 5");
  lines = good;
  lines.push_back("");
  lines.push_back(good[5]);
  expect_refused(text_of(lines), "line 9: follows the end line");
  lines = good;
  lines[6] = R"({"end":{"changes":6}})";
  expect_refused(text_of(lines), "line 7: end.hash: is missing");
}

TEST_F(Transfer, AnImportThatIsToldSoTakesLinesWithoutAnEndLine) {
  auto lines = lines_of(exported(*journal_));
  lines.pop_back();
  std::istringstream in(text_of(lines));
  const auto target = memory()();
  const auto imported = import_journal(in, *target, {}, export_end::ignored);
  ASSERT_TRUE(imported.ok()) << imported.message;
  EXPECT_EQ(changes_of(*target), changes_of(*journal_));
  lines.push_back(R"({"end":{"changes":9,"hash":"of another time"}})");
  std::istringstream changed(text_of(lines));
  EXPECT_TRUE(import_journal(changed, *memory()(), {}, export_end::ignored).ok());
}

TEST_F(Transfer, AFailureAfterManyBatchesLeavesNothing) {
  const auto source = memory()();
  author writes(*source);
  for (int i = 0; i < 10'000; ++i) writes.send(counter(), "a", "add", R"({"n":1})");
  auto lines = exported(*source);
  lines.insert(lines.find("{\"end\""), "{}\n");
  expect_refused(lines, "line 10001: position: is missing");
}

TEST_F(Transfer, ImportAndBackupNeedAnEmptyTarget) {
  const auto target = directory_.path() / "target";
  fs::create_directory(target);
  std::ofstream(target / "precious") << "x";
  std::istringstream in(exported(*journal_));
  EXPECT_EQ(import_directory(in, target).error, journal_errc::exists_already);
  EXPECT_EQ(backup_directory(*journal_, target).error, journal_errc::exists_already);
  EXPECT_EQ(import_directory(in, target / "precious").error, journal_errc::exists_already);
  EXPECT_EQ(import_journal(in, *journal_).error, journal_errc::exists_already);
  EXPECT_EQ(std::distance(fs::recursive_directory_iterator(directory_.path()), {}), 2);
}

TEST_F(Transfer, AnEmptyDirectoryIsATargetAndAnUnfinishedOneIsClearedAway) {
  const auto target = directory_.path() / "target";
  auto unfinished = target;
  unfinished += ".unfinished";
  fs::create_directory(target);
  write_sample(*rocksdb(unfinished)()); // what a killed import leaves
  std::istringstream in(exported(*journal_));
  const auto imported = import_directory(in, target / "");
  ASSERT_TRUE(imported.ok()) << imported.message;
  EXPECT_FALSE(fs::exists(unfinished));
  EXPECT_EQ(changes_of(*rocksdb(target)()), changes_of(*journal_));
}

TEST_F(Transfer, AnotherImportAtWorkIsLeftAlone) {
  const auto target = directory_.path() / "target";
  auto unfinished = target;
  unfinished += ".unfinished";
  const auto at_work = rocksdb(unfinished)();
  std::istringstream in(exported(*journal_));
  EXPECT_EQ(import_directory(in, target).error, journal_errc::locked);
  EXPECT_TRUE(fs::exists(unfinished / "store"));
}

TEST_F(Transfer, ABackupHasChangesAndSnapshots) {
  const auto target = directory_.path() / "backup";
  const auto result = backup_directory(*journal_, target);
  ASSERT_TRUE(result.ok()) << result.message;
  const auto copy = rocksdb(target)();
  EXPECT_EQ(changes_of(*copy), changes_of(*journal_));
  EXPECT_EQ(snapshots_of(*copy), snapshots_of(*journal_));
}

} // namespace
} // namespace cairn
