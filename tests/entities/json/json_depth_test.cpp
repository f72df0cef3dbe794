// Values that hold themselves: what is made is bounded, and what was made is read wherever it is wrapped (invariant 13).

#include <cairn/detail/json/canonical.hpp>
#include <cairn/testing.hpp>

#include "tests/support/described_values.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using sample::tree;

/// Holds itself, and has nothing that the reader without a tree leaves to the other one.
struct branch {
  std::string label;
  std::vector<branch> twigs;

  friend bool operator==(const branch&, const branch&) = default;
};

std::string nested(std::size_t arrays) {
  return std::string(arrays, '[') + std::string(arrays, ']');
}

TEST(JsonDepth, AValueThatHoldsItselfIsMadeUpToTheBoundAndReadBack) {
  const tree deep = sample::tall_tree(json::depth_max / 2);
  std::string text;
  json::problem wrong;
  ASSERT_TRUE(json::encode(text, deep, wrong)) << wrong.text();
  boost::json::value value;
  ASSERT_TRUE(json::parse(text, value, wrong)) << wrong.text();
  tree parsed;
  ASSERT_TRUE(json::decode(value, parsed, wrong)) << wrong.text();
  EXPECT_EQ(parsed, deep);
  branch bough;
  for (std::size_t level = 1; level < json::depth_max / 2; ++level) {
    bough = {"b", {bough}};
  }
  text.clear();
  ASSERT_TRUE(json::encode(text, bough, wrong)) << wrong.text();
  branch canonical;
  EXPECT_TRUE(json::detail::read_canonical(text, canonical));
  EXPECT_EQ(canonical, bough);
}

TEST(JsonDepth, OneLevelMoreIsRefusedAtItsPath) {
  std::string text;
  json::problem wrong;
  EXPECT_FALSE(json::encode(text, sample::tall_tree(json::depth_max / 2 + 1), wrong));
  EXPECT_NE(wrong.message.find("too deep"), std::string::npos) << wrong.text();
  EXPECT_EQ(wrong.path.rfind("children[0].children[0].", 0), 0U) << wrong.path;
  // Far more of it must not be a matter of the stack either.
  wrong = {};
  EXPECT_FALSE(json::encode(text, sample::tall_tree(1'000), wrong));
  EXPECT_NE(wrong.message.find("too deep"), std::string::npos) << wrong.text();
}

TEST(JsonDepth, TheBoundIsThatOfTheWholeValue) {
  std::map<std::string, std::vector<tree>> wrapped;
  wrapped["a"].push_back(sample::tall_tree(json::depth_max / 2 - 1));
  std::string text;
  json::problem wrong;
  EXPECT_TRUE(json::encode(text, wrapped, wrong)) << wrong.text();
  wrapped["a"].front() = sample::tall_tree(json::depth_max / 2);
  EXPECT_FALSE(json::encode(text, wrapped, wrong));
}

TEST(JsonDepth, ReadersHaveRoomForWhatWrapsAndABound) {
  boost::json::value value;
  json::problem wrong;
  EXPECT_GE(json::read_depth_max, 2 * json::depth_max);
  EXPECT_TRUE(json::parse(nested(json::read_depth_max), value, wrong)) << wrong.text();
  EXPECT_FALSE(json::parse(nested(json::read_depth_max + 1), value, wrong));
  EXPECT_NE(wrong.message.find("too deep"), std::string::npos) << wrong.text();
  // The reader without a tree refuses it as well, rather than run out of stack.
  branch read;
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"label":"","twigs":[)";
  EXPECT_FALSE(json::detail::read_canonical(deep, read));
}

TEST(JsonNumbers, TooSmallIsNoughtWithItsSignAndTooLargeIsRefused) {
  const auto number = [](const std::string& text) {
    boost::json::value value;
    json::problem wrong;
    return json::parse(text, value, wrong) && value.is_double() ? std::optional(value.get_double())
                                                                : std::nullopt;
  };
  const std::string zeros(400, '0');
  const std::vector<std::string> all_tiny{
      "0." + zeros + "1",        "1e-400",
      "0." + zeros + "1e-10",    "1" + std::string(90, '0') + "e-600",
      "1e-99999999999999999999", "0." + zeros + "1e-2147483647",
      "0.5e-2147483648",         "1E-0000000000000000000400"};
  for (const auto& tiny : all_tiny) {
    const auto read = number(tiny);
    ASSERT_TRUE(read) << tiny;
    EXPECT_TRUE(*read == 0 && !std::signbit(*read)) << tiny;
    const auto negative = number("-" + tiny);
    ASSERT_TRUE(negative) << tiny;
    EXPECT_TRUE(*negative == 0 && std::signbit(*negative)) << tiny;
  }
  const std::vector<std::string> all_huge{"1" + zeros + "e-10",     "1" + zeros,
                                          "1" + zeros + ".5",       "1e400",
                                          "1e99999999999999999999", "0." + zeros + "1e99999999999",
                                          "1.5e+2147483648"};
  for (const auto& huge : all_huge) {
    boost::json::value value;
    json::problem wrong;
    EXPECT_FALSE(json::parse(huge, value, wrong)) << huge;
    EXPECT_FALSE(json::parse("-" + huge, value, wrong)) << huge;
    EXPECT_NE(wrong.message.find("out of range"), std::string::npos) << wrong.message;
  }
  EXPECT_EQ(number("1" + zeros + "e-400"), 1.0);
  EXPECT_EQ(number("0." + zeros + "1e401"), 1.0);
  EXPECT_EQ(number("0e99999999999999999999"), 0.0);
  EXPECT_EQ(number("5e-324"), 5e-324);
}

TEST(JsonNumbers, AnExponentIsShortenedInNumbersOnly) {
  boost::json::value value;
  json::problem wrong;
  const std::string text =
      R"({"1e99999999999":"2e-99999999999 \" 3e99999999999","n":[1e-99999999999]})";
  ASSERT_TRUE(json::parse(text, value, wrong)) << wrong.text();
  std::string again;
  json::write(again, value);
  EXPECT_EQ(again, R"({"1e99999999999":"2e-99999999999 \" 3e99999999999","n":[0]})");
  EXPECT_FALSE(json::parse("[1e-99999999999,]", value, wrong));
  EXPECT_FALSE(json::parse("[1e-]", value, wrong));
}

} // namespace
} // namespace cairn
