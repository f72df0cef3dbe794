// The chess example on its own sample: what it plays, and what being killed must not change.
#include "tests/examples/chess_support.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

namespace cairn::testing {
namespace {

constexpr const char* sample_size = "1000";
const arguments sample{"--sample", sample_size};

arguments with(arguments what, const arguments& more) {
  what.insert(what.end(), more.begin(), more.end());
  return what;
}

class Chess : public ::testing::Test {
protected:
  std::filesystem::path in(const char* name) const { return folder_.path() / name; }

  std::string write_pgn(const char* name, const std::string& text) const {
    std::ofstream(in(name), std::ios::binary) << text;
    return in(name).string();
  }

private:
  temporary_directory folder_;
};

std::string sample_game(const std::string& site, const std::string& moves) {
  return "[Site \"" + site + "\"]\n[White \"a\"]\n[Black \"b\"]\n\n" + moves + "\n\n";
}

TEST_F(Chess, PlaysTheSampleAndProvesIt) {
  const auto told = play(sample, in("data"));
  EXPECT_EQ(told.at("games").to_number<int>(), 1000);
  EXPECT_EQ(told.at("conflicts").to_number<int>(), 0);
  EXPECT_EQ(told.at("moves_accepted"), told.at("moves_of_this_run"));
  EXPECT_EQ(told.at("replay_equals_served"), true);
  const auto& results = told.at("results").as_object();
  std::int64_t sum = 0;
  for (const auto& result : results) {
    sum += result.value().to_number<std::int64_t>();
  }
  EXPECT_EQ(sum, 1000);
  EXPECT_FALSE(verified_state(in("data")).empty());
}

TEST_F(Chess, PlaysTheWrittenSampleLikeTheSample) {
  play(sample, in("made"));
  const auto written = run({"chess", "--sample", sample_size});
  play({"--pgn", write_pgn("sample.pgn", written.out)}, in("read"));
  EXPECT_EQ(verified_state(in("made")), verified_state(in("read")));
}

TEST_F(Chess, DoneGamesAreNotPlayedAgain) {
  play(sample, in("data"));
  const auto state = verified_state(in("data"));
  const auto again = play(sample, in("data"));
  EXPECT_EQ(again.at("games").to_number<int>(), 1000);
  EXPECT_EQ(again.at("moves_of_this_run").to_number<int>(), 0);
  EXPECT_EQ(again.at("batches").to_number<int>(), 0) << "a duplicate was executed";
  EXPECT_EQ(verified_state(in("data")), state);
}

TEST_F(Chess, EachDoubledMoveConflictsOnce) {
  play(sample, in("patient"));
  for (const char* share : {"0.1", "1"}) {
    const auto told = play(with(sample, {"--impatient", share}), in(share));
    EXPECT_GT(told.at("moves_doubled").to_number<int>(), 0);
    EXPECT_EQ(told.at("conflicts"), told.at("moves_doubled"));
    EXPECT_EQ(verified_state(in(share)), verified_state(in("patient")));
  }
}

TEST_F(Chess, NumberOfClientsDoesNotChangeTheEnd) {
  play(sample, in("many"));
  play({"--sample", "100", "--clients", "1"}, in("one"));
  play({"--sample", "100"}, in("few"));
  EXPECT_EQ(verified_state(in("one")), verified_state(in("few")));
  play(with(sample, {"--clients", "8192"}), in("all"));
  EXPECT_EQ(verified_state(in("all")), verified_state(in("many")));
}

TEST_F(Chess, KilledAndGoneOnWithEndsTheSame) {
  play(sample, in("undisturbed"));
  const auto state = verified_state(in("undisturbed"));
  const auto told = play_with_kills(with(sample, {"--impatient", "0.1"}), in("killed"), 5,
                                    bytes_in(in("undisturbed")), test_seed());
  EXPECT_EQ(told.at("conflicts"), told.at("moves_doubled"));
  EXPECT_EQ(told.at("games").to_number<int>(), 1000);
  EXPECT_EQ(verified_state(in("killed")), state);
}

TEST_F(Chess, InterruptedEndsCleanlyAndGoesOn) {
  play(sample, in("undisturbed"));
  program playing(chess_command(sample, in("data")));
  ASSERT_TRUE(playing.await_growth(in("data"), bytes_in(in("undisturbed")) / 2));
  playing.signal(SIGINT);
  const auto ended = playing.wait();
  EXPECT_EQ(ended.status, 130) << ended.err;
  EXPECT_NE(ended.err.find("goes on from here"), std::string::npos) << ended.err;
  play(sample, in("data"));
  EXPECT_EQ(verified_state(in("data")), verified_state(in("undisturbed")));
}

TEST_F(Chess, BadGamesAreReportedAndTheOthersPlayed) {
  const auto file = write_pgn("bad.pgn", sample_game("https://x/1", "1. e4 e5 1-0") +
                                             sample_game("https://x/2", "1. e4 Zf3 1-0") +
                                             sample_game("https://x/1", "1. d4 1-0") +
                                             sample_game("https://x/3", "*") +
                                             sample_game("a town", "1. c4 0-1"));
  const auto told = play({"--pgn", file}, in("data"), 1);
  EXPECT_EQ(told.at("games").to_number<int>(), 3);
  EXPECT_EQ(told.at("moves_accepted").to_number<int>(), 3);
  EXPECT_EQ(told.at("bad_games").to_number<int>(), 2);
  const auto& problems = told.at("problems").as_array();
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0], "line 11: \"Zf3\" is no move");
  EXPECT_EQ(problems[1], "line 13: game/1 stands in the file twice");
  EXPECT_EQ(told.at("replay_equals_served"), true);
}

TEST_F(Chess, NamesThatAreNotUtf8AreReported) {
  const auto file = write_pgn("latin1.pgn",
                              "[White \"M\xFCller\"]\n[Black \"b\"]\n\n1. e4 \xFF\xFE 1-0\n\n"
                              "[White \"M\xFCller\"]\n[Black \"b\"]\n\n1. e4 1-0\n");
  const auto told = play({"--pgn", file}, in("data"), 1);
  EXPECT_EQ(told.at("bad_games").to_number<int>(), 2);
}

TEST_F(Chess, AnotherGameUnderTheSameNameIsRefused) {
  play({"--pgn", write_pgn("one.pgn", sample_game("https://x/1", "1. e4 e5 1-0"))}, in("data"));
  const auto state = verified_state(in("data"));
  for (const char* moves : {"1. e4 c5 1-0", "1. e4 1-0", "1. e4 e5 0-1", "1. e4 e5 2. Nf3 1-0"}) {
    const auto told =
        play({"--pgn", write_pgn("other.pgn", sample_game("https://x/1", moves))}, in("data"), 1);
    EXPECT_EQ(told.at("bad_games").to_number<int>(), 1) << moves;
  }
  EXPECT_EQ(verified_state(in("data")), state);
}

TEST_F(Chess, SaysWhyItCannotStart) {
  const auto file = write_pgn("empty.pgn", "");
  write_pgn("file", "x");
  const struct {
    arguments what;
    int status;
    std::string why;
  } table[]{
      {{"--pgn", in("missing.pgn").string(), "--data", in("d1").string()}, 2, "No such file"},
      {{"--pgn", in(".").string(), "--data", in("d2").string()}, 2, "is a directory"},
      {{"--pgn", file, "--data", in("file").string()}, 2, "is a file"},
      {{"--pgn", file, "--data", in("d3").string()}, 1, "no game"},
      {{"--pgn", file}, 2, "--data"},
      {{"--data", in("d4").string()}, 2, "--pgn"},
      {{"--sample", "5", "--clients", "0", "--data", in("d5").string()}, 2, "--clients"},
      {{"--sample", "5", "--impatient", "1.5", "--data", in("d6").string()}, 2, "--impatient"},
      {{"--sample", "5", "--pgn", file, "--data", in("d7").string()}, 2, "--sample"},
      {{"nonsense"}, 2, "nonsense"},
  };
  for (const auto& wrong : table) {
    arguments command{"chess"};
    command.insert(command.end(), wrong.what.begin(), wrong.what.end());
    const auto ended = run(command);
    EXPECT_EQ(ended.status, wrong.status) << wrong.why << ended.err;
    EXPECT_NE(ended.err.find(wrong.why), std::string::npos) << ended.err;
  }
  EXPECT_EQ(run({"chess", "--help"}).status, 0);
}

TEST_F(Chess, ADirectoryIsPlayedInByOneProcess) {
  program playing(chess_command({"--sample", "20000"}, in("data")));
  ASSERT_TRUE(playing.await_growth(in("data"), 100'000));
  const auto second = run(chess_command(sample, in("data")));
  EXPECT_EQ(second.status, 2);
  EXPECT_NE(second.err.find("is held by process"), std::string::npos) << second.err;
}

} // namespace
} // namespace cairn::testing
