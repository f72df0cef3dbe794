// Leases, as the request contract has them, through the real program.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

/// `cairn exec` that is asked one thing after the other.
class ExecLease : public testing::Test {
protected:
  std::string ask(const std::string& line) {
    child_.write(line + '\n');
    return child_.read_line().value_or("(the output has ended)");
  }
  std::string reply_to(const std::string& line) { return without_messages(ask(line)); }

  std::string lease(std::string_view entity, int for_ms, const std::string& token = {}) {
    return R"({"do":"lease","entity":")" + std::string(entity) + R"(","for_ms":)" +
           std::to_string(for_ms) + (token.empty() ? "" : ",\"lease\":" + token) + "}";
  }

  /// Takes a lease; its token, quoted.
  std::string take(std::string_view entity, int for_ms = 600'000) {
    const auto reply = ask(lease(entity, for_ms));
    EXPECT_EQ(without_messages(reply), R"({"lease":{"token":"K","until":"T"}})");
    return member_of(reply, "/lease/token");
  }

  std::string release(std::string_view entity, const std::string& token) {
    return R"({"do":"release","entity":")" + std::string(entity) + R"(","lease":)" + token + "}";
  }

  /// The reply is a conflict of `entity` of kind `leased`, and says how long it lasts.
  void expect_leased(const std::string& reply, const std::string& entity,
                     const std::string& expected) {
    const auto left = member_of(reply, "/conflict/left_ms");
    EXPECT_EQ(reply, R"({"conflict":{"entity":")" + entity + R"(","kind":"leased","expected":)" +
                         expected + R"(,"actual":1,"left_ms":)" + left + "}}");
    EXPECT_GT(std::stol("0" + left), 0);
    EXPECT_LE(std::stol("0" + left), 600'000);
  }

  process_child child_{cairn_program(), exec_with()};
};

constexpr auto lost = R"({"failed":{"error":"lease_lost","fate":"not_written","message":"M"}})";

} // namespace

TEST_F(ExecLease, CommandsWithoutItsTokenAreRefused) {
  ask(add_line("counter/a", 1));
  const auto token = take("counter/a");
  expect_leased(ask(add_line("counter/a", 1)), "counter/a", R"("any")");
  expect_leased(ask(add_line("counter/a", 1, R"(,"expect":{"at":1})")), "counter/a", "1");
  expect_leased(ask(add_line("counter/a", 1, R"(,"expect":{"at":9})")), "counter/a", "9");
  expect_leased(ask(R"({"do":"remove","entity":"counter/a"})"), "counter/a", R"("any")");
  expect_leased(ask(lease("counter/a", 5)), "counter/a", R"("any")");
  EXPECT_EQ(reply_to(add_line("counter/a", 1, ",\"lease\":" + token)),
            R"({"accepted":{"version":2,"position":1}})");
  EXPECT_EQ(reply_to(read_line_of("counter/a")),
            R"({"state":{"value":2},"version":2,"exists":true})");
  EXPECT_EQ(reply_to(R"({"do":"remove","entity":"counter/a","lease":)" + token + "}"),
            R"({"accepted":{"version":3,"position":2}})");
}

TEST_F(ExecLease, IsRenewedAndGivenBack) {
  ask(add_line("counter/a", 1));
  const auto token = take("counter/a");
  const auto renewed = ask(lease("counter/a", 500'000, token));
  EXPECT_EQ(member_of(renewed, "/lease/token"), token);
  EXPECT_EQ(without_messages(renewed), R"({"lease":{"token":"K","until":"T"}})");
  EXPECT_EQ(reply_to(release("counter/a", token)), R"({"released":true})");
  EXPECT_EQ(reply_to(add_line("counter/a", 1)), R"({"accepted":{"version":2,"position":1}})");
  EXPECT_EQ(reply_to(release("counter/a", token)), lost);
  EXPECT_EQ(reply_to(lease("counter/a", 5, token)), lost);
}

TEST_F(ExecLease, ATokenThatIsUnknownOrOfAnotherEntityIsLost) {
  ask(add_line("counter/a", 1));
  ask(add_line("counter/b", 1));
  const auto token = take("counter/a");
  EXPECT_EQ(reply_to(add_line("counter/b", 1, ",\"lease\":" + token)), lost);
  EXPECT_EQ(reply_to(add_line("counter/a", 1, R"(,"lease":"guessed")")), lost);
  EXPECT_EQ(reply_to(release("counter/a", R"("guessed")")), lost);
  EXPECT_EQ(reply_to(release("counter/b", token)), lost);
  EXPECT_EQ(reply_to(lease("counter/a", 5, R"("guessed")")), lost);
  EXPECT_EQ(reply_to(add_line("counter/b", 1)), R"({"accepted":{"version":2,"position":2}})");
}

TEST_F(ExecLease, ExpiresByItself) {
  ask(add_line("counter/a", 1));
  const auto token = take("counter/a", 1);
  EXPECT_TRUE(process_eventually(
      [&] { return ask(add_line("counter/a", 1)).find("\"accepted\"") != std::string::npos; }));
  EXPECT_EQ(reply_to(add_line("counter/a", 1, ",\"lease\":" + token)), lost);
}

TEST_F(ExecLease, NeedsAnEntityThatExists) {
  EXPECT_EQ(reply_to(lease("counter/a", 5)),
            R"({"conflict":{"entity":"counter/a","kind":"absent","expected":"any","actual":0}})");
  ask(add_line("counter/a", 1));
  ask(R"({"do":"remove","entity":"counter/a"})");
  EXPECT_EQ(reply_to(lease("counter/a", 5)),
            R"({"conflict":{"entity":"counter/a","kind":"deleted","expected":"any","actual":2}})");
}

TEST_F(ExecLease, HoldsInTransactionsToo) {
  ask(add_line("counter/a", 1));
  const auto token = take("counter/a");
  const auto transact = [](const std::string& more) {
    return R"({"do":"transact","items":[{"entity":"counter/b","command":"add","args":{"n":1}},)"
           R"({"entity":"counter/a","command":"add","args":{"n":1})" +
           more + "}]}";
  };
  const auto refused = ask(transact(""));
  const auto left = member_of(refused, "/conflict/items/0/left_ms");
  EXPECT_EQ(
      refused,
      R"({"conflict":{"items":[{"index":1,"entity":"counter/a","kind":"leased","expected":"any","actual":1,"left_ms":)" +
          left + "}]}}");
  EXPECT_EQ(reply_to(transact(R"(,"lease":"guessed")")), lost);
  EXPECT_EQ(reply_to(transact(",\"lease\":" + token)),
            R"({"accepted":{"items":[{"version":1},{"version":2}],"position":1}})");
}

TEST(ExecLeaseRestart, EndsWithTheProgramAndTheVersionStillProtects) {
  const process_directory directory;
  const auto options = exec_with({"--data", directory / "data"});
  const auto first = run_process(
      cairn_program(), options,
      joined({add_line("counter/a", 1), R"({"do":"lease","entity":"counter/a","for_ms":600000})"}));
  ASSERT_EQ(first.lines.size(), 2U);
  const auto token = member_of(first.lines[1], "/lease/token");
  const auto second =
      run_process(cairn_program(), options,
                  joined({add_line("counter/a", 1, ",\"expect\":{\"at\":1},\"lease\":" + token),
                          add_line("counter/a", 1, R"(,"expect":{"at":1})"),
                          add_line("counter/a", 1, R"(,"expect":{"at":1})")}));
  ASSERT_EQ(second.lines.size(), 3U);
  EXPECT_EQ(without_messages(second.lines[0]), lost);
  EXPECT_EQ(second.lines[1], R"({"accepted":{"version":2,"position":1}})");
  EXPECT_EQ(second.lines[2],
            R"({"conflict":{"entity":"counter/a","kind":"stale","expected":1,"actual":2}})");
}
