#include "examples/chess/pgn.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

namespace pgn {
namespace {

using parsed = std::vector<std::variant<game, problem>>;

parsed parse(const std::string& text) {
  std::istringstream in(text);
  reader file(in);
  parsed all;
  while (auto next = file.next()) {
    all.push_back(std::move(*next));
  }
  return all;
}

std::string with_tags(const std::string& moves) {
  return "[White \"a\"]\n[Black \"b\"]\n\n" + moves + "\n";
}

game only_game(const std::string& text) {
  auto all = parse(text);
  EXPECT_EQ(all.size(), 1U) << text;
  if (all.size() == 1 && std::holds_alternative<problem>(all[0])) {
    ADD_FAILURE() << text << ": " << std::get<problem>(all[0]).reason;
    return {};
  }
  return all.empty() ? game{} : std::get<game>(std::move(all[0]));
}

using moves = std::vector<std::string>;

TEST(Pgn, ReadsTagsMovesAndResult) {
  const auto read = only_game(
      "[Site \"https://lichess.org/abc\"]\n[White \"a \\\"b\\\" \\\\c\"]\n[Black \"d\"]\n\n"
      "1. e4 e5 2. Nf3 Nc6 1-0\n");
  EXPECT_EQ(read.line, 1U);
  EXPECT_EQ(read.tag("White"), "a \"b\" \\c");
  EXPECT_EQ(read.tag("Site"), "https://lichess.org/abc");
  EXPECT_EQ(read.tag("Elo"), "");
  EXPECT_EQ(read.moves, (moves{"e4", "e5", "Nf3", "Nc6"}));
  EXPECT_EQ(read.result, "1-0");
}

TEST(Pgn, PassesOverWhatIsNoMove) {
  const moves expected{"e4", "e5", "Nf3", "Nc6"};
  for (const char* text : {
           "1. e4 { [%clk 0:00:59] } 1... e5 2. Nf3 Nc6 *",
           "1.e4 e5 2.Nf3 Nc6 *",
           "e4 e5 Nf3 Nc6 *",
           "1. e4! e5?! 2. Nf3!! $1 Nc6 $14 *",
           "1. e4 ; a comment { with ( brackets 1-0\n e5 2. Nf3 Nc6 *",
           "1. e4 {over\nlines [White \"in\"] a comment\n[%clk 1]} e5 2. Nf3 Nc6 *",
           "1. e4 (1. d4 d5 (1... Nf6 {deep )}) 2. c4) e5 2. Nf3 Nc6 *",
           "1. e4 e5\n% for other programs 1-0\n2. Nf3\n\nNc6\n*",
           "1... e4 e5 12...Nf3 ... Nc6 *",
           "{before} 1. e4{tight}e5(1... c5)2. Nf3 Nc6 * {behind\nit}",
       }) {
    EXPECT_EQ(only_game(with_tags(text)).moves, expected) << text;
  }
}

TEST(Pgn, ReadsEveryResultAndGamesWithoutMoves) {
  for (const char* result : {"1-0", "0-1", "1/2-1/2", "*"}) {
    const auto read = only_game(with_tags(result));
    EXPECT_EQ(read.result, result);
    EXPECT_TRUE(read.moves.empty());
  }
}

TEST(Pgn, ReadsWindowsLineEndsAndAByteOrderMark) {
  const auto read =
      only_game("\xEF\xBB\xBF[White \"a\"]\r\n[Black \"b\"]\r\n\r\n1. e4 e5\r\n1-0\r\n");
  EXPECT_EQ(read.moves, (moves{"e4", "e5"}));
}

TEST(Pgn, ReadsGamesWithoutAnEmptyLineBetweenThem) {
  const std::string one = "[White \"a\"]\n[Black \"b\"]\n1. e4 1-0\n";
  EXPECT_EQ(parse(one + one + one).size(), 3U);
}

TEST(Pgn, KnowsHowMovesAreWritten) {
  for (const char* text : {"e4", "exd5", "e8=Q", "e8Q+", "exd8=N#", "Nf3", "Nbd7", "N5f3", "Nb1d2",
                           "Rxe1+", "Qh4xe1#", "Ke2", "O-O", "O-O-O+", "a1=B"}) {
    EXPECT_TRUE(is_move(text)) << text;
  }
  for (const char* text :
       {"",   "e",    "e9",    "i4",    "4e", "ed5",     "exd",  "xd5", "e4=Q",  "e8=K", "Zf3",
        "Nf", "Nxx3", "N12f3", "Nabd7", "O-", "O-O-O-O", "e4e5", "+",   "Nf3++", "1-0"}) {
    EXPECT_FALSE(is_move(text)) << text;
  }
}

TEST(Pgn, WritesCastlingWithLetters) {
  EXPECT_EQ(only_game(with_tags("1. 0-0 0-0-0 1-0")).moves, (moves{"O-O", "O-O-O"}));
}

struct malformed {
  const char* text;
  std::size_t line;
  const char* reason;
};

TEST(Pgn, NamesLineAndReasonAndGoesOnWithTheNextGame) {
  const std::vector<malformed> table{
      {"[White \"a\"]\n[Black \"b\"]\n\n1. e4 e5\n2. Zf3 Nc6 1-0\n", 5, "\"Zf3\" is no move"},
      {"[White \"a\"]\n[Black \"b\"]\n\n1. e4 e5\n", 6, "the moves end without a result"},
      {"[White \"a\"]\n[Black \"b\"]\n\n1. e4 {no end\n2. e5 1-0\n", 7,
       "the comment that begins in line 4 does not end"},
      {"[White \"a\"]\n[Black \"b\"]\n\n1. e4 (1. d4\n", 6,
       "a variation does not end: a ) is missing"},
      {"[White \"a\"]\n[Black \"b\"]\n\n1. e4 ) e5 1-0\n", 4, "a ) without its ("},
      {"[White \"a\"]\n[Black \"b\"]\n\n1. e4 1-0 e5\n", 4, "\"e5\" stands behind the result"},
      {"[White \"a\"]\n[Black \"b\"]\n[Result \"0-1\"]\n\n1. e4 1-0\n", 5,
       "the tag Result says 0-1, the moves end in 1-0"},
      {"[White \"a\"]\n\n1. e4 1-0\n", 2, "the game has no tag Black"},
      {"[White a]\n[Black \"b\"]\n\n1. e4 1-0\n", 1,
       "a tag is written [Name \"value\"], this is \"[White a]\""},
      {"[White \"a\"]\n[Black \"b]\n\n1. e4 1-0\n", 2,
       "a tag ends in \"], this one does not: \"[Black \"b]\""},
      {"[White \"a\"]\n[White \"b\"]\n\n1. e4 1-0\n", 2, "the tag White stands twice"},
      {"no chess at all\n", 1, "the game has no tag White"},
  };
  for (const auto& bad : table) {
    const auto all = parse(bad.text + ("\n" + with_tags("1. d4 0-1")));
    ASSERT_EQ(all.size(), 2U) << bad.text;
    ASSERT_TRUE(std::holds_alternative<problem>(all[0])) << bad.text;
    EXPECT_EQ(std::get<problem>(all[0]).line, bad.line) << bad.text;
    EXPECT_EQ(std::get<problem>(all[0]).reason, bad.reason);
    ASSERT_TRUE(std::holds_alternative<game>(all[1])) << bad.text;
    EXPECT_EQ(std::get<game>(all[1]).moves, moves{"d4"}) << bad.text;
  }
}

TEST(Pgn, EndsOnEveryCutOfAGame) {
  const std::string whole =
      with_tags("1. e4 {x} (1. d4 $1) e5 ; y\n2. Nf3! 1-0") + "\n" + with_tags("1. c4 *");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    EXPECT_LE(parse(whole.substr(0, size)).size(), 2U) << size;
  }
}

TEST(Pgn, FindsNothingInAnEmptyFile) {
  EXPECT_TRUE(parse("").empty());
  EXPECT_TRUE(parse("\n \n% for other programs\n").empty());
}

} // namespace
} // namespace pgn
