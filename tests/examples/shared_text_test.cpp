// Two people typing into one document at once: a recorded session, from the folder that CAIRN_REAL_INPUT names, under
// the strict check of the whole document and with a merge.

#include "tests/examples/shared_text.hpp"

#include <cairn/cairn.hpp>
#include <cairn/testing.hpp>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace {

struct keystroke {
  text_state::type_key command;
  cairn::version_type observed = 0; ///< How many keystrokes its author had seen.
};

struct session {
  std::vector<keystroke> keystrokes;
  std::string end;
};

std::string unpacked(const std::filesystem::path& file) {
  const std::string command = "gzip -dc '" + file.string() + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             &::pclose);
  std::string text;
  std::array<char, 65'536> part{};
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe.get())) > 0;) {
    text.append(part.data(), got);
  }
  return text;
}

/// How many keystrokes of each author one has seen follows from whose keystrokes came right before it.
session read_session(const std::filesystem::path& file) {
  const auto trace = boost::json::parse(unpacked(file)).as_object();
  const auto authors = trace.at("numAgents").to_number<std::size_t>();
  session read;
  read.end = trace.at("endContent").as_string().c_str();
  for (const auto& entry : trace.at("txns").as_array()) {
    const auto& typed = entry.as_object();
    keystroke next;
    next.command.seen.resize(authors);
    for (const auto& parent : typed.at("parents").as_array()) {
      const auto& before = read.keystrokes[parent.to_number<std::size_t>()].command;
      for (std::size_t author = 0; author < authors; ++author) {
        const std::uint32_t seen = before.seen[author] + (author == before.author ? 1U : 0U);
        next.command.seen[author] = std::max(next.command.seen[author], seen);
      }
    }
    const auto& patch = typed.at("patches").as_array().at(0).as_array();
    next.command.author = typed.at("agent").to_number<std::uint32_t>();
    next.command.position = patch.at(0).to_number<std::uint32_t>();
    next.command.text = patch.at(2).as_string().c_str();
    for (const auto seen : next.command.seen) {
      next.observed += seen;
    }
    read.keystrokes.push_back(std::move(next));
  }
  return read;
}

class SharedText : public ::testing::Test {
protected:
  void SetUp() override {
    const char* folder = std::getenv("CAIRN_REAL_INPUT");
    if (folder == nullptr) {
      GTEST_SKIP() << "CAIRN_REAL_INPUT names no folder with friendsforever.json.gz";
    }
    const auto file = std::filesystem::path(folder) / "friendsforever.json.gz";
    ASSERT_TRUE(std::filesystem::is_regular_file(file)) << file << " is missing";
    session_ = read_session(file);
    ASSERT_EQ(session_.keystrokes.size(), 26'078U);
  }

  session session_;
};

TEST_F(SharedText, StrictlyCheckedNearlyHalfOfTheKeystrokesAreStale) {
  cairn::world world;
  world.host<strict_text>();
  const auto document = world.entity<strict_text>("friends");
  int stale = 0;
  for (const auto& key : session_.keystrokes) {
    const auto outcome = document.send(key.command, cairn::at(key.observed)).get();
    if (outcome.conflict() != nullptr) {
      ++stale;
      ASSERT_EQ(outcome.conflict()->kind, cairn::conflict_kind::stale);
      ASSERT_TRUE(document.send(key.command).get()); // so that the version goes on as in the file
    } else {
      ASSERT_TRUE(outcome);
    }
  }
  EXPECT_EQ(stale, 11'700);
}

TEST_F(SharedText, MergedAllAreAcceptedAndTheTextIsTheFiles) {
  cairn::world world;
  world.host<shared_text>();
  const auto document = world.entity<shared_text>("friends");
  int merged = 0;
  for (const auto& key : session_.keystrokes) {
    const auto outcome = document.send(key.command, cairn::at(key.observed)).get();
    ASSERT_TRUE(outcome) << "keystroke " << document.read().get().version;
    merged += outcome.accepted()->merged ? 1 : 0;
  }
  EXPECT_EQ(merged, 11'700);
  const auto read = document.read().get();
  EXPECT_EQ(read.version, 26'078U);
  EXPECT_EQ(read.state.text(), session_.end);
}

TEST(SharedTextRules, AKeystrokeIsPutWhereItWasMeant) {
  using cairn::testing::given;
  using key = shared_text::type_key;
  auto both = given<shared_text>();
  both.when(key{0, 0, "a", {0, 0}}, cairn::at(0)).when(key{0, 1, "b", {1, 0}}, cairn::at(1));
  // The other one saw only "a", and types behind it; then erases the "a" that both see.
  both.when(key{1, 1, "x", {1, 0}}, cairn::at(1)).then_merged();
  both.when(key{1, 0, "", {1, 1}}, cairn::at(2)).then_merged();
  EXPECT_EQ(both.state().text(), "xb");
  // What its author claims to have seen does not fit the version that it names.
  both.when(key{0, 0, "y", {2, 1}}, cairn::at(2)).then_conflict(cairn::conflict_kind::stale);
}

} // namespace
