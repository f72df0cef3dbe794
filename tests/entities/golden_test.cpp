// Golden files: what is said of a type that differs from the one that was.

#include <cairn/testing.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace cairn {
namespace {

/// As it was released.
struct purse {
  std::int64_t gold = 0;
  struct earn {
    std::int64_t amount = 0;
  };
  struct spend {
    std::int64_t amount = 0;
  };
  struct earned {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
    std::string reason;
  };
  struct taxed {};
  cairn::decision<earned> decide(const earn& command) const { return earned{command.amount}; }
  cairn::decision<spent, taxed> decide(const spend& command) const {
    return spent{command.amount, {}};
  }
  void apply(const earned& event) { gold += event.amount; }
  void apply(const spent& event) { gold -= event.amount; }
  void apply(const taxed& /*event*/) {}
  using entity = cairn::entity<"purse", cairn::commands<earn, spend>>;
};

stored_event with_reason(stored_event old) { return old; }

/// After some work on it.
struct careless {
  std::int64_t gold = 0;
  std::int64_t debts = 0;
  struct earn {
    std::int32_t amount = 0;
  };
  struct pay {
    std::int64_t amount = 0;
  };
  struct received {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  cairn::decision<received> decide(const earn& command) const { return received{command.amount}; }
  cairn::decision<spent> decide(const pay& command) const { return spent{command.amount}; }
  void apply(const received& event) { gold += event.amount; }
  void apply(const spent& event) { gold -= event.amount; }
  using entity = cairn::entity<"purse", cairn::commands<earn, pay>>;
};

template <class State>
std::vector<std::string> differences() {
  std::vector<golden_difference> found;
  json::problem wrong;
  EXPECT_TRUE(compare_golden(golden_text({&type_descriptor<purse>()}), {&type_descriptor<State>()},
                             found, wrong))
      << wrong.text();
  std::vector<std::string> all;
  for (const auto& each : found) {
    all.push_back(each.what + ": " + each.cure);
  }
  return all;
}

TEST(Golden, TheSameTypeDiffersInNothing) {
  EXPECT_EQ(differences<purse>(), std::vector<std::string>());
}

TEST(Golden, OfEachDifferenceItSaysWhatToDo) {
  EXPECT_EQ(differences<careless>(),
            (std::vector<std::string>{"state: accept", "command \"earn\": accept",
                                      "command \"spend\": alias", "command \"pay\": accept",
                                      "event \"earned\": alias", "event \"spent\": upcast",
                                      "event \"taxed\": upcast", "event \"received\": accept"}));
}

/// One that does as it was told.
struct heeding {
  std::int64_t gold = 0;
  using earn = purse::earn;
  struct pay {
    std::int64_t amount = 0;
  };
  struct received {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  cairn::decision<received> decide(const earn& command) const { return received{command.amount}; }
  cairn::decision<spent> decide(const pay& command) const { return spent{command.amount}; }
  void apply(const received& event) { gold += event.amount; }
  void apply(const spent& event) { gold -= event.amount; }
  using entity = cairn::entity<
      "purse", cairn::commands<earn, cairn::named<"spend", pay>>,
      cairn::events<cairn::named<"earned", received>, cairn::named<"spent", spent, 2>>,
      cairn::upcast<"spent", 1, with_reason>, cairn::upcast<"taxed", 1, with_reason>>;
};

TEST(Golden, WhoDoesAsItSaysMayAcceptTheRest) {
  EXPECT_EQ(differences<heeding>(),
            (std::vector<std::string>{"event \"spent\": accept", "event \"taxed\": accept"}));
}

TEST(Golden, TheFileIsWrittenOnceAndComparedFromThenOn) {
  std::string directory = ::testing::TempDir() + "golden-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const std::string file = directory + "/purse.json";
  testing::golden<purse>(file);
  testing::golden<purse>(file);
  try {
    testing::golden<careless>(file);
    FAIL() << "it is another type";
  } catch (const testing::failure& wrong) {
    const std::string text = wrong.what();
    EXPECT_NE(text.find("purse: event \"spent\" was schema 1 {amount:i64;reason:s;}, is schema 1 "
                        "{amount:i64;}. upcast: "),
              std::string::npos)
        << text;
  }
  testing::golden<purse>(file);
  std::filesystem::remove_all(directory);
}

TEST(Golden, WhatIsNoGoldenFileIsSaid) {
  std::vector<golden_difference> found;
  json::problem wrong;
  EXPECT_FALSE(compare_golden(R"({"types":[{"type":"purse"}]})", {}, found, wrong));
  EXPECT_EQ(wrong.text(), "types[0].state: is missing");
}

} // namespace
} // namespace cairn
