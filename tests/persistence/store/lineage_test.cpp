// A position of one journal is never taken for a position of another: lineages, where they part, and resume tokens.

#include <cairn/detail/journal.hpp>
#include <cairn/detail/tools/transfer.hpp>

#include "persistence/rocksdb/rows.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <sstream>

namespace cairn {
namespace {

using testing::batch_builder;
using testing::temporary_directory;

class Lineage : public ::testing::Test {
protected:
  std::filesystem::path at(const char* name) const { return directory_.path() / name; }

  static void add(journal& to, std::uint64_t changes) {
    batch_builder next;
    const auto end = to.end().next;
    next.at_time(to.end().last_time_us);
    for (auto version = end + 1; version <= end + changes; ++version)
      next.add("wallet/a", version, "body");
    ASSERT_EQ(next.append_to(to).what, append_result::kind::committed);
  }

  /// A closed journal of so many changes.
  void make(const char* name, std::uint64_t changes) const {
    const auto made = rocksdb(at(name))();
    add(*made, changes);
    ASSERT_TRUE(made->close().ok());
  }

  std::vector<lineage_part> parts_of(const char* name) const {
    rocksdb_options options;
    options.read_only = true;
    return rocksdb(at(name), options)()->lineages();
  }

  void open_and_close(const char* name) const { ASSERT_TRUE(rocksdb(at(name))()->close().ok()); }

  void backup(const char* from, const char* to) const {
    rocksdb_options options;
    options.read_only = true;
    const auto copied = backup_directory(*rocksdb(at(from), options)(), at(to));
    ASSERT_TRUE(copied.ok()) << copied.message;
  }

  void tamper(const char* name, const std::function<::rocksdb::Status(::rocksdb::DB&)>& change) {
    std::vector<::rocksdb::ColumnFamilyDescriptor> families;
    for (const char* family : {"default", "changes", "heads", "snapshots"})
      families.emplace_back(family, ::rocksdb::ColumnFamilyOptions());
    std::vector<::rocksdb::ColumnFamilyHandle*> handles;
    ::rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(
        ::rocksdb::DB::Open({}, (at(name) / "store").string(), families, &handles, &opened).ok());
    const std::unique_ptr<::rocksdb::DB> database(opened);
    EXPECT_TRUE(change(*database).ok());
    for (auto* handle : handles) ASSERT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
  }

  static ::rocksdb::Slice row() {
    return {persistence::ancestry_key.data(), persistence::ancestry_key.size()};
  }

  temporary_directory directory_;
};

TEST_F(Lineage, EachJournalHasOneOfItsOwnAndKeepsIt) {
  make("a", 2);
  make("b", 2);
  const auto first = parts_of("a");
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].from, 0U);
  EXPECT_TRUE(first[0].lineage.known());
  EXPECT_NE(first, parts_of("b"));
  open_and_close("a");
  EXPECT_EQ(parts_of("a"), first);
  EXPECT_NE(memory()()->lineages(), memory()()->lineages());
}

TEST_F(Lineage, AJournalOfAnOlderVersionGetsOneWhenItIsFirstOpenedForWriting) {
  make("old", 3);
  tamper("old", [](auto& rows) { return rows.Delete({}, row()); });
  EXPECT_TRUE(parts_of("old").empty());
  backup("old", "copy");
  open_and_close("old");
  const auto parts = parts_of("old");
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].from, 0U);
  open_and_close("copy");
  ASSERT_EQ(parts_of("copy").size(), 1U);
  EXPECT_NE(parts_of("copy"), parts);
}

TEST_F(Lineage, ABackupPartsFromItsParentWhenItIsFirstOpenedForWriting) {
  make("parent", 3);
  const auto parent = parts_of("parent");
  backup("parent", "copy");
  backup("copy", "second");
  EXPECT_EQ(parts_of("copy"), parent);
  open_and_close("copy");
  const auto own = parts_of("copy");
  ASSERT_EQ(own.size(), 2U);
  EXPECT_EQ(own[0], parent[0]);
  EXPECT_EQ(own[1].from, 3U);
  EXPECT_NE(own[1].lineage, parent[0].lineage);
  open_and_close("copy");
  EXPECT_EQ(parts_of("copy"), own);
  open_and_close("second");
  ASSERT_EQ(parts_of("second").size(), 2U);
  EXPECT_NE(parts_of("second")[1].lineage, own[1].lineage);
}

TEST_F(Lineage, ABackupOfABackupKeepsTheChainOfAncestors) {
  make("a", 2);
  backup("a", "b");
  {
    const auto opened = rocksdb(at("b"))();
    add(*opened, 3);
    ASSERT_TRUE(opened->close().ok());
  }
  backup("b", "c");
  open_and_close("c");
  const auto chain = parts_of("c");
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0], parts_of("a")[0]);
  EXPECT_EQ(chain[1], parts_of("b")[1]);
  EXPECT_EQ(chain[1].from, 2U);
  EXPECT_EQ(chain[2].from, 5U);
}

TEST_F(Lineage, AnImportIsAnotherJournal) {
  const auto source = memory()();
  const auto target = at("import");
  std::istringstream lines(R"({"end":{"changes":0,"hash":"99aa06d3014798d86001c324468d497f"}})");
  const auto imported = import_directory(lines, target);
  ASSERT_TRUE(imported.ok()) << imported.message;
  ASSERT_EQ(parts_of("import").size(), 1U);
  EXPECT_NE(parts_of("import")[0].lineage, source->lineages()[0].lineage);
}

// Without a sync for each change, what somebody has seen may be gone: the same positions may hold others.
TEST_F(Lineage, ARelaxedJournalThatDidNotEndWellPartsAtItsEnd) {
  rocksdb_options options;
  options.durability = durability::relaxed;
  {
    const auto opened = rocksdb(at("a"), options)();
    add(*opened, 2);
    ASSERT_TRUE(opened->close().ok());
  }
  ASSERT_EQ(parts_of("a").size(), 1U);
  {
    const auto opened = rocksdb(at("a"), options)();
    EXPECT_EQ(opened->lineages().size(), 1U) << "it ended well";
    add(*opened, 2); // and ends without `close`
  }
  open_and_close("a");
  ASSERT_EQ(parts_of("a").size(), 2U);
  EXPECT_EQ(parts_of("a")[1].from, 4U);
  open_and_close("a");
  EXPECT_EQ(parts_of("a").size(), 2U);
}

TEST_F(Lineage, AJournalWithoutItsWitnessParts) {
  make("a", 2);
  std::filesystem::remove(at("a") / "witness");
  open_and_close("a");
  EXPECT_EQ(parts_of("a").size(), 2U);
}

// Invariant 9.
TEST_F(Lineage, ARowThatIsDamagedOrOfAnotherFormatIsAnError) {
  make("a", 2);
  std::string kept;
  tamper("a", [&](auto& rows) {
    auto read = rows.Get({}, row(), &kept);
    return read.ok() ? rows.Put({}, row(), kept.substr(0, kept.size() - 1)) : read;
  });
  try {
    rocksdb(at("a"))();
    ADD_FAILURE() << "it opened";
  } catch (const startup_error& error) {
    EXPECT_EQ(error.code(), journal_errc::damaged);
    EXPECT_NE(error.message().find("lineages"), std::string::npos) << error.message();
  }
  kept[0] = 2;
  tamper("a", [&](auto& rows) { return rows.Put({}, row(), kept); });
  try {
    rocksdb(at("a"))();
    ADD_FAILURE() << "it opened";
  } catch (const startup_error& error) {
    EXPECT_EQ(error.code(), journal_errc::unknown_format);
  }
}

TEST(ResumeToken, ItsTextReadsBackAndNothingElseIsOne) {
  const resume_token token{1234, make_lineage()};
  EXPECT_EQ(parse_resume_token(token.text()), token);
  EXPECT_EQ(token.text().substr(0, 5), "1234@");
  const auto of = token.lineage.text();
  for (const auto& wrong : std::vector<std::string>{
           "", of, "@" + of, "1234", "1234@", "-1@" + of, "01@" + of, " 1@" + of, "1@" + of + "0",
           "1@" + of.substr(1), "1@" + of.substr(1) + "g", "18446744073709551616@" + of})
    EXPECT_FALSE(parse_resume_token(wrong)) << wrong;
}

TEST_F(Lineage, ATokenIsGoodWhereTheJournalHoldsAllThatItsReaderHasSeen) {
  make("parent", 3);
  const auto parent = parts_of("parent")[0].lineage;
  backup("parent", "child");
  const auto child = rocksdb(at("child"))();
  add(*child, 4);
  const auto own = child->lineages()[1].lineage;
  for (position_type position = 0; position <= 8; ++position) {
    EXPECT_EQ(check_resume(*child, {position, parent}).ok(), position <= 3) << position;
    EXPECT_EQ(check_resume(*child, {position, own}).ok(), position <= 7) << position;
    EXPECT_EQ(check_resume(*child, position).ok(), position <= 7) << position;
  }
  const auto behind = check_resume(*child, {4, parent});
  EXPECT_EQ(behind.error, journal_errc::ahead);
  EXPECT_EQ(error_word(behind.error), "ahead");
  EXPECT_NE(behind.message.find("position 3"), std::string::npos) << behind.message;
  EXPECT_EQ(check_resume(*child, {0, make_lineage()}).error, journal_errc::ahead);
  EXPECT_EQ(check_resume(*child, {0, lineage{}}).error, journal_errc::ahead);
  EXPECT_EQ(check_resume(*rocksdb(at("parent"))(), {0, own}).error, journal_errc::ahead);
}

} // namespace
} // namespace cairn
