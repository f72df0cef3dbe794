// Structs that nothing describes: members, names and shapes come from the compiler.

#include <cairn/detail/json/canonical.hpp>
#include <cairn/json.hpp>

#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct plain_part {
  double x_1 = 0;
};
struct described_part {
  double x_1 = 0;
};
BOOST_DESCRIBE_STRUCT(described_part, (), (x_1))

struct plain_whole {
  std::int64_t gold = 0;
  std::string name;
  std::optional<std::uint8_t> level;
  std::vector<plain_part> parts;
  bool last = false;

  using optional_members = cairn::members<&plain_whole::name>;
};
struct described_whole {
  std::int64_t gold = 0;
  std::string name;
  std::optional<std::uint8_t> level;
  std::vector<described_part> parts;
  bool last = false;
};
BOOST_DESCRIBE_STRUCT(described_whole, (), (gold, name, level, parts, last))

namespace {

struct hidden {
  unsigned char c = 0;
};

template <class T>
struct boxed {
  T first_one{};
};

TEST(Reflection, GivesThePlainStructTheShapeOfTheDescribedOne) {
  EXPECT_EQ(json::shape<plain_whole>(), json::shape<described_whole>());
  EXPECT_EQ(json::shape<plain_part>(), "{x_1:f64;}");
}

TEST(Reflection, ReachesStructsOfAnyPlace) {
  struct local {
    int y = 0;
  };
  struct nothing {};
  EXPECT_EQ(json::shape<hidden>(), "{c:u8;}");
  EXPECT_EQ(json::shape<local>(), "{y:i32;}");
  EXPECT_EQ(json::shape<nothing>(), "{}");
  EXPECT_EQ(json::shape<boxed<plain_part>>(), "{first_one:{x_1:f64;};}");
}

TEST(Reflection, WritesAndReadsAPlainStruct) {
  const plain_whole value{7, "n", 3, {{1.5}, {-2}}, true};
  const std::string expected =
      R"({"gold":7,"name":"n","level":3,"parts":[{"x_1":1.5},{"x_1":-2}],"last":true})";
  std::string text;
  json::problem wrong;
  ASSERT_TRUE(json::encode(text, value, wrong));
  EXPECT_EQ(text, expected);

  plain_whole decoded;
  ASSERT_TRUE(json::decode(boost::json::parse(text), decoded, wrong)) << wrong.text();
  plain_whole canonical;
  ASSERT_TRUE(json::detail::read_canonical(text, canonical));
  for (const auto* again : {&decoded, &canonical}) {
    std::string second;
    ASSERT_TRUE(json::encode(second, *again, wrong));
    EXPECT_EQ(second, expected);
  }
}

TEST(Reflection, KnowsOptionalMembersOfAPlainStruct) {
  plain_whole out;
  json::problem wrong;
  const auto nameless = boost::json::parse(R"({"gold":1,"parts":[],"last":false})");
  EXPECT_TRUE(json::decode(nameless, out, wrong)) << wrong.text();
  const auto goldless = boost::json::parse(R"({"name":"n","parts":[],"last":false})");
  EXPECT_FALSE(json::decode(goldless, out, wrong));
  EXPECT_EQ(wrong.text(), "gold: is missing");
}

} // namespace
} // namespace cairn
