// A journal knows whose it is by its types: another program is refused unless it is told otherwise, and a type that the
// program once had is declared.

#include <cairn/cli.hpp>

#include "tests/cli/journal_program.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using testing::run_cairn;
using testing::run_shell;
using testing::temporary_directory;
using testing::write_file;

class OwnTypes : public ::testing::Test {
protected:
  /// A journal of another program: one change of each type.
  void make(const std::vector<std::string>& types) {
    std::string lines;
    for (std::size_t i = 0; i < types.size(); ++i)
      lines += "{\"position\":" + std::to_string(i) + ",\"entity\":\"" + types[i] +
               "/a\",\"version\":1,\"previous\":null,\"time\":\"2026-05-31T18:20:00Z\",\"events\":["
               "{\"name\":"
               "\"added\",\"schema\":1,\"data\":{\"n\":1}}],\"command\":\"x\"}\n";
    write_file(directory_.path() / "lines", lines);
    const auto done = run("journal import --no-end --data data lines");
    ASSERT_EQ(done.status, 0) << done.err;
  }

  testing::finished run(const std::string& arguments) {
    return run_cairn(directory_.path(), arguments);
  }

  testing::finished exec(const std::string& more = "") {
    return run_shell(
        directory_.path(),
        R"(echo '{"do":"send","entity":"counter/z","command":"add","args":{"n":1}}' | cairn exec --data data)" +
            more);
  }

  temporary_directory directory_;
};

TEST_F(OwnTypes, AnotherProgramIsRefusedAndHasWrittenNothing) {
  make({"auction", "wallet"});
  const auto before = run("journal export --data data").out;
  const auto done = exec();
  EXPECT_EQ(done.status, 2);
  EXPECT_NE(done.err.find("auction and wallet"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("--new-types"), std::string::npos) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(run("journal export --data data").out, before);
  EXPECT_EQ(run("resend --data data 0").status, 2);
  EXPECT_EQ(run("journal export --data data").out, before);
}

TEST_F(OwnTypes, ItIsLetInWhenItIsToldTo) {
  make({"wallet"});
  const auto done = exec(" --new-types");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("accepted"), std::string::npos) << done.out;
}

TEST_F(OwnTypes, WhoKnowsAllTypesMayBringNewOnes) {
  make({"counter"}); // the program has `address` too
  EXPECT_EQ(exec().status, 0);
  const auto done = run_shell(
      directory_.path(),
      R"(echo '{"do":"send","entity":"address/a","command":"move","args":{"state":"s","county":"c"}}' | cairn exec --data data)");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("accepted"), std::string::npos) << done.out;
}

TEST_F(OwnTypes, ReplayPassesOverARetiredTypeWhenToldSo) {
  make({"counter", "wallet", "auction"});
  const auto unknown = run("replay --data data --verify");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("--retired"), std::string::npos) << unknown.err;
  EXPECT_EQ(run("replay --data data --verify --retired wallet").status, 2);
  const auto done = run("replay --data data --verify --retired wallet --retired auction");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("1 change replayed, 2 changes of retired types passed over"),
            std::string::npos)
      << done.out;
  EXPECT_EQ(run("replay --data data --entity wallet/a --retired wallet").status, 2);
}

/// Runs a program of one type that once had another.
template <class... Types>
int run_program(const std::string& arguments, std::string& out) {
  std::vector<std::string> words{"program"};
  std::istringstream in(arguments);
  for (std::string word; in >> word;) words.push_back(word);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  ::testing::internal::CaptureStdout();
  const auto status =
      cli::run_command<Types...>(static_cast<int>(argv.size()), argv.data()).value_or(-1);
  out = ::testing::internal::GetCapturedStdout();
  return status;
}

TEST_F(OwnTypes, AProgramDeclaresTheTypesThatItOnceHad) {
  make({"counter", "wallet"});
  const auto data = " --data " + (directory_.path() / "data").string();
  std::string out;
  EXPECT_EQ(run_program<sample::counter>("replay --verify" + data, out), 2);
  EXPECT_EQ((run_program<sample::counter, retired<"wallet">>("replay --verify" + data, out)), 0);
  EXPECT_NE(out.find("1 change of retired types passed over"), std::string::npos) << out;
  EXPECT_EQ((run_program<sample::counter, retired<"wallet">>("types", out)), 0);
  EXPECT_NE(out.find("wallet\n  retired"), std::string::npos) << out;
  EXPECT_EQ((run_program<sample::counter, retired<"wallet">>("types --json", out)), 0);
  EXPECT_NE(out.find("{\"type\":\"wallet\",\"retired\":true}\n"), std::string::npos) << out;
}

TEST(OwnedBy, DecidesByTheTypesOfJournalAndProgram) {
  const auto held = memory()();
  testing::batch_builder().add("counter/a", 1).add("wallet/a", 1).append_to(*held);
  const auto error = [&](const std::vector<const entity_type*>& types) {
    return check_own(*held, types).error;
  };
  EXPECT_FALSE(error(own_types<sample::counter>())) << "it brings nothing new";
  EXPECT_EQ((error(own_types<sample::counter, sample::dice>())), entity_errc::unknown_type);
  EXPECT_FALSE((error(own_types<sample::counter, sample::dice, retired<"wallet">>())));
  EXPECT_EQ((error(own_types<sample::dice, retired<"wallet">>())), entity_errc::unknown_type);
  EXPECT_FALSE(check_own(*memory()(), own_types<sample::dice>()).error)
      << "an empty one is anybody's";
  const auto mine = owned_by<sample::counter>(memory());
  EXPECT_NE(mine(), nullptr);
}

} // namespace
} // namespace cairn
