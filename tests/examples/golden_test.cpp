// Journals with snapshots that an older program wrote (tests/examples/golden): they open, verify, replay and export to
// the same bytes for ever.

#include "tests/examples/program.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cairn {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class GoldenJournal : public ::testing::TestWithParam<const char*> {
protected:
  GoldenJournal() { fs::copy(kept(""), data_, fs::copy_options::recursive); }

  /// What the old program wrote.
  static fs::path kept(const std::string& suffix) {
    return fs::path(CAIRN_SOURCE_DIR "/tests/examples/golden") / (GetParam() + suffix);
  }

  std::string run(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{GetParam()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--data", data_.string()});
    const auto done = testing::run(command);
    EXPECT_EQ(done.status, 0) << done.err;
    return done.out;
  }

  testing::temporary_directory directory_;
  fs::path data_ = directory_.path() / "data";
};

TEST_P(GoldenJournal, VerifiesReplaysAndExportsToTheSameBytes) {
  run({"journal", "verify"});
  EXPECT_EQ(run({"replay", "--json"}), text_of(kept(".states.jsonl")));
  run({"replay", "--verify"});
  EXPECT_EQ(run({"journal", "export"}), text_of(kept(".jsonl")));
}

INSTANTIATE_TEST_SUITE_P(OfEachProgram, GoldenJournal, ::testing::Values("cairn", "chess", "arena"),
                         [](const auto& tested) { return std::string(tested.param); });

} // namespace
} // namespace cairn
