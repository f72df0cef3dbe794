#include <cairn/entity.hpp>
#include <cairn/json.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

namespace {

enum class colour { red, green };

struct inner {
  std::int8_t small = 0;
  std::uint64_t large = 0;
};

struct everything {
  bool flag = false;
  std::string text;
  double number = 0;
  float half = 0;
  colour paint = colour::red;
  std::optional<int> maybe;
  std::vector<inner> items;
  std::array<int, 2> pair{};
  std::map<std::string, inner> named;
  std::set<std::string> tags;
  std::int64_t defaulted = 7;

  using optional_members = cairn::members<&everything::defaulted>;
};

struct one_number {
  double d = 0;
};

/// The problem of parsing and decoding `text` as a T; empty when there is none.
template <class T>
std::string problem_of(std::string_view text) {
  boost::json::value value;
  cairn::json::problem wrong;
  T out{};
  if (!cairn::json::parse(text, value, wrong) || !cairn::json::decode(value, out, wrong)) {
    return wrong.text();
  }
  return {};
}

template <class T>
std::string encoded(const T& value) {
  std::string out;
  cairn::json::problem wrong;
  return cairn::json::encode(out, value, wrong) ? out : "problem " + wrong.text();
}

template <class T>
T decoded(std::string_view text) {
  boost::json::value value;
  cairn::json::problem wrong;
  T out{};
  EXPECT_TRUE(cairn::json::parse(text, value, wrong)) << wrong.text();
  EXPECT_TRUE(cairn::json::decode(value, out, wrong)) << wrong.text();
  return out;
}

TEST(Json, EverySupportedTypeComesBackTheSame) {
  everything one;
  one.flag = true;
  one.text = "quote \" backslash \\ newline \n nul \x01 snow \xE2\x98\x83 clef \xF0\x9D\x84\x9E";
  one.number = 0.1;
  one.half = 0.1F;
  one.paint = colour::green;
  one.maybe = -3;
  one.items = {{-128, std::numeric_limits<std::uint64_t>::max()}, {127, 0}};
  one.pair = {1, 2};
  one.named = {{"a", {1, 2}}, {"b/c.d", {3, 4}}};
  one.tags = {"x", "y"};
  one.defaulted = std::numeric_limits<std::int64_t>::min();
  const std::string text = encoded(one);
  const auto again = decoded<everything>(text);
  EXPECT_EQ(encoded(again), text);
  EXPECT_EQ(again.items[0].large, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(again.defaulted, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(std::bit_cast<std::uint32_t>(again.half), std::bit_cast<std::uint32_t>(0.1F));
}

TEST(Json, AbsentMembersTakeTheirDefaultOnlyWhereDeclaredOptional) {
  const std::string all =
      R"({"flag":true,"text":"","number":1,"half":1,"paint":"red","items":[],"pair":[1,2],)"
      R"("named":{},"tags":[]})";
  const auto one = decoded<everything>(all);
  EXPECT_FALSE(one.maybe);
  EXPECT_EQ(one.defaulted, 7);
  EXPECT_EQ(problem_of<inner>(R"({"small":1})"), "large: is missing");
}

TEST(Json, ErrorsNamePathAndType) {
  EXPECT_EQ(problem_of<inner>(R"({"small":"x","large":1})"),
            "small: expected integer, found string \"x\"");
  EXPECT_EQ(problem_of<inner>(R"({"small":1.0,"large":1})"),
            "small: expected integer, found number 1.0");
  EXPECT_EQ(problem_of<inner>(R"({"small":1e0,"large":1})"),
            "small: expected integer, found number 1.0");
  EXPECT_EQ(problem_of<inner>(R"({"small":128,"large":1})"),
            "small: expected integer from -128 to 127, found integer 128");
  EXPECT_EQ(problem_of<inner>(R"({"small":1,"large":-1})"),
            "large: expected integer from 0 to 18446744073709551615, found integer -1");
  EXPECT_EQ(problem_of<inner>(R"({"small":1,"large":18446744073709551616})").substr(0, 39),
            "large: expected integer, found number 1");
  EXPECT_EQ(problem_of<inner>(R"({"small":1,"large":1,"more":1})"),
            "more: unknown field; the fields are: small, large");
  EXPECT_EQ(problem_of<inner>("[]"), "expected object, found array");
  EXPECT_EQ(problem_of<std::vector<inner>>(R"([{"small":1,"large":1},{"small":null,"large":1}])"),
            "[1].small: expected integer, found null");
  EXPECT_EQ(problem_of<one_number>(R"({"d":true})"), "d: expected number, found boolean true");
  EXPECT_EQ(problem_of<colour>(R"("blue")"), "unknown value \"blue\"; the values are: red, green");
}

TEST(Json, WhatIsNotOneStrictDocumentIsRefused) {
  EXPECT_EQ(problem_of<inner>(R"({"small":1,"large":1,"small":2})"), "small: stands twice");
  EXPECT_EQ(problem_of<inner>(R"({"small":1,"large":{"a":[0,{"b":1,"b":2}]}})"),
            "large.a[1].b: stands twice");
  EXPECT_EQ(problem_of<one_number>(R"({"d":1e999})"), "number out of range at byte 10");
  for (const char* text :
       {R"({"d":NaN})", R"({"d":Infinity})", R"({"d":01})", R"({"d":1} x)", R"({"d":1)", "",
        R"({"d":"\ud800"})", R"({"d":"\udc00x"})", "{\"d\":\"\xFF\"}", "{\"d\":\"\xC0\x80\"}",
        R"({'d':1})", R"({"d":1,})", "// c\n{\"d\":1}"}) {
    EXPECT_NE(problem_of<one_number>(text), "") << text;
  }
  std::string many = "{";
  for (int i = 0; i < 100; ++i) {
    many += "\"k" + std::to_string(i) + "\":1,";
  }
  EXPECT_EQ(problem_of<one_number>(many + "\"k57\":1}"), "k57: stands twice");
  EXPECT_EQ(problem_of<one_number>(std::string(100'000, '[')).find("d:"), std::string::npos);
}

TEST(Json, WhatJsonCannotHoldIsNotWritten) {
  EXPECT_EQ(encoded(one_number{std::numeric_limits<double>::quiet_NaN()}),
            "problem d: number is not finite, and JSON cannot hold it");
  EXPECT_EQ(encoded(one_number{std::numeric_limits<double>::infinity()}).substr(0, 7), "problem");
  EXPECT_EQ(encoded(std::vector<std::string>{"ok", "\xED\xA0\x80"}),
            "problem [1]: text is not valid UTF-8");
}

// Boost.JSON 1.81's own parser changes one in ten of these.
TEST(Json, AMillionDoublesComeBackToTheBit) {
  const std::uint64_t seed = 20'160'531;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-1000, 1000);
  std::size_t changed = 0;
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) {
    double value = i % 2 == 0 ? uniform(random) : std::bit_cast<double>(random());
    if (!std::isfinite(value)) {
      value = 0;
    }
    text.clear();
    ASSERT_TRUE(cairn::json::write_double(text, value));
    boost::json::value parsed;
    cairn::json::problem wrong;
    double again = 0;
    ASSERT_TRUE(cairn::json::parse(text, parsed, wrong)) << text << ' ' << wrong.text();
    ASSERT_TRUE(cairn::json::decode(parsed, again, wrong)) << text << ' ' << wrong.text();
    changed += std::bit_cast<std::uint64_t>(again) != std::bit_cast<std::uint64_t>(value) ? 1 : 0;
  }
  EXPECT_EQ(changed, 0U);
}

TEST(Json, EdgesOfDoublesComeBackToTheBit) {
  for (const double value : {-0.0, 0.0, std::numeric_limits<double>::denorm_min(),
                             -std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::min(), std::numeric_limits<double>::max(),
                             1e22, 123456789012345680000.0, 9007199254740993.0, 5.0}) {
    const auto again = decoded<one_number>(encoded(one_number{value}));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(again.d), std::bit_cast<std::uint64_t>(value)) << value;
  }
}

TEST(Json, TheShapeChangesWithEveryMember) {
  EXPECT_EQ(cairn::json::shape<inner>(), "{small:i8;large:u64;}");
  EXPECT_EQ(cairn::json::shape<everything>(),
            "{flag:b;text:s;number:f64;half:f32;paint:e(red,green,);maybe:?i32;items:[{small:i8;"
            "large:u64;}];"
            "pair:[i322];named:<{small:i8;large:u64;}>;tags:set[s];defaulted:i64;}");
}

} // namespace
