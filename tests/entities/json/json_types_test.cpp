// Each kind of type that can be kept: it comes back by both ways of reading, and whatever is not it is refused.

#include <cairn/detail/json/canonical.hpp>

#include "tests/support/kept_values.hpp"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace cairn {
namespace {

using kept::everything;

template <class T>
std::string written(const T& value) {
  std::string text;
  json::problem wrong;
  return json::encode(text, value, wrong) ? text : "problem " + wrong.text();
}

/// Empty: it is a `T`.
template <class T>
std::string problem_with(std::string_view text) {
  boost::json::value value;
  json::problem wrong;
  T out{};
  return json::parse(text, value, wrong) && json::decode(value, out, wrong) ? "" : wrong.text();
}

template <class T>
T read_back(std::string_view text) {
  boost::json::value value;
  json::problem wrong;
  T out{};
  EXPECT_TRUE(json::parse(text, value, wrong) && json::decode(value, out, wrong)) << text << '\n'
                                                                                  << wrong.text();
  return out;
}

class random_values {
public:
  explicit random_values(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  template <class Number>
  Number number() {
    switch (below(4)) {
      case 0:
        return std::numeric_limits<Number>::min();
      case 1:
        return std::numeric_limits<Number>::max();
      default:
        return static_cast<Number>(random_());
    }
  }

  double floating() {
    return static_cast<double>(static_cast<std::int64_t>(random_())) / (1 + std::pow(2, below(70)));
  }

  std::string text() {
    static const std::string some[] = {"", "a", "plain words", "Zoë 🎲", "quote \" \\ \n", "01"};
    return some[below(std::size(some))];
  }

  kept::metal metal() { return below(2) == 0 ? kept::metal::gold : kept::metal::silver; }
  kept::serial serial() { return kept::serial(static_cast<std::uint32_t>(below(999'999'999))); }

  kept::figure figure() {
    switch (below(5)) {
      case 0:
        return std::monostate{};
      case 1:
        return kept::circle{floating()};
      case 2:
        return kept::square{floating()};
      case 3:
        return text();
      default:
        return number<std::int64_t>();
    }
  }

  kept::expression expression(int levels) {
    if (levels == 0 || below(3) == 0) {
      return {number<std::int64_t>()};
    }
    std::vector<kept::expression> parts;
    for (auto count = below(4); count > 0; --count) {
      parts.push_back(expression(levels - 1));
    }
    return {parts};
  }

  everything all();

private:
  void containers(everything& made);

  std::mt19937_64 random_;
};

void random_values::containers(everything& made) {
  for (auto count = below(5); count > 0; --count) {
    made.shapes.push_back(figure());
    made.by_number[number<std::int64_t>()] = text();
    made.by_byte[number<std::uint8_t>()] = {number<std::int32_t>(), 0};
    made.by_metal[metal()] = number<std::int64_t>();
    made.by_serial[serial()] = metal();
    made.by_time[std::chrono::seconds(number<std::int64_t>())] = text();
    made.named[text()] = number<std::int64_t>();
    made.loose[text() + std::to_string(below(9))] = {1, number<std::int64_t>()};
    made.numbered[number<std::int32_t>()] = text();
    made.ids.insert(number<std::int64_t>());
    made.tags.insert(text());
    made.line.push_back(text());
    made.flags.push_back(below(2) == 0);
  }
}

everything random_values::all() {
  everything made;
  made.shape = figure();
  made.pair = {number<std::int32_t>(), text()};
  made.triple = {below(2) == 0, floating(), {}};
  if (below(2) == 0) {
    std::get<2>(made.triple) = number<std::int64_t>();
    made.price = kept::money{number<std::int64_t>()};
  }
  containers(made);
  made.corners[1] = {number<std::int8_t>(), static_cast<float>(floating())};
  made.span = std::chrono::milliseconds(number<std::int64_t>());
  made.share = std::chrono::duration<double>(floating());
  made.when += std::chrono::microseconds(number<std::int64_t>());
  made.day += std::chrono::days(number<std::int32_t>());
  made.number = serial();
  made.sum = expression(4);
  return made;
}

TEST(JsonTypes, RandomValuesComeBackByBothWays) {
  const std::uint64_t seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_values random(seed);
  int canonical = 0;
  for (int i = 0; i < 3'000; ++i) {
    const everything value = random.all();
    const std::string text = written(value);
    const auto again = read_back<everything>(text);
    ASSERT_EQ(again, value) << text;
    ASSERT_EQ(written(again), text);
    everything read;
    if (json::detail::read_canonical(text, read)) {
      ++canonical;
      ASSERT_EQ(read, value) << text;
    }
  }
  EXPECT_GT(canonical, 100);
}

TEST(JsonTypes, WhatTheFastWayTakesTheOtherOneTakesAsWell) {
  random_values random(11);
  std::string good;
  for (int tries = 0; tries < 1'000; ++tries) { // most have a text that is escaped
    const std::string text = written(random.all());
    everything read;
    good = json::detail::read_canonical(text, read) ? text : good;
  }
  ASSERT_NE(good, "");
  const std::string bytes = "0123456789-+.eE,:{}[]\"\\ntfS \x01\xc3" + good;
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = good;
    const std::size_t at = random.below(text.size());
    if (random.below(2) == 0) {
      text[at] = bytes[random.below(bytes.size())];
    } else {
      text.erase(at, 1);
    }
    everything fast;
    if (json::detail::read_canonical(text, fast)) {
      ++taken;
      ASSERT_EQ(problem_with<everything>(text), "") << text;
      ASSERT_EQ(read_back<everything>(text), fast) << text;
    }
  }
  EXPECT_GT(taken, 1'000);
}

TEST(JsonTypes, AreWrittenAsTheGuideSays) {
  using namespace std::chrono_literals;
  EXPECT_EQ(written(kept::figure()), R"({"monostate":[]})");
  EXPECT_EQ(written(kept::figure(kept::circle{1.5})), R"({"circle":{"radius":1.5}})");
  EXPECT_EQ(written(kept::figure(kept::square{2})), R"({"box":{"side":2}})");
  EXPECT_EQ(written(kept::figure(std::int64_t{7})), R"({"int64":7})");
  EXPECT_EQ(written(std::pair(1, std::string("x"))), R"([1,"x"])");
  EXPECT_EQ(written(std::tuple<>()), "[]");
  EXPECT_EQ(written(std::map<int, bool>{{-1, true}, {10, false}}), R"({"-1":true,"10":false})");
  EXPECT_EQ(written(std::map<kept::metal, int>{{kept::metal::silver, 1}}), R"({"silver":1})");
  EXPECT_EQ(written(std::map<kept::serial, int>{{kept::serial(4), 1}}), R"({"S-4":1})");
  EXPECT_EQ(written(std::chrono::sys_time<std::chrono::microseconds>(5ms)), "5000");
  EXPECT_EQ(written(std::chrono::duration<double>(1.5)), "1.5");
  EXPECT_EQ(written(kept::money{250}), "250");
}

TEST(JsonTypes, WhatHasNoOrderIsWrittenInOne) {
  std::unordered_map<std::string, std::int64_t> one;
  std::unordered_map<std::string, std::int64_t> other(1'000);
  std::unordered_set<std::int64_t> ids;
  for (int i = 0; i < 50; ++i) {
    one[std::to_string(i)] = i;
    other[std::to_string(49 - i)] = 49 - i;
    ids.insert(49 - i);
  }
  EXPECT_EQ(written(one), written(other));
  EXPECT_EQ(written(ids).substr(0, 10), "[0,1,10,11");
}

struct name_without_case {
  bool operator()(const std::string& a, const std::string& b) const {
    return std::tolower(a.at(0)) < std::tolower(b.at(0));
  }
};

TEST(JsonTypes, HostileKeysAreRefusedAtTheirPlace) {
  using by_int = std::map<std::int64_t, int>;
  for (const char* key : {"01", "-0", "+1", " 1", "1 ", "", "1.0", "1e3", "0x1", "x",
                          "9223372036854775808", "-9223372036854775809"}) {
    const std::string text = "{\"" + std::string(key) + "\":1}";
    EXPECT_EQ(problem_with<by_int>(text), std::string(key) + (*key == 0 ? "" : ": ") +
                                              "expected integer from -9223372036854775808 to "
                                              "9223372036854775807 as key, found \"" +
                                              key + '"');
    by_int out;
    EXPECT_FALSE(json::detail::read_canonical(text, out)) << text;
  }
  EXPECT_EQ(problem_with<by_int>(R"({"1":1,"01":2})").substr(0, 4), "01: ");
  EXPECT_EQ(problem_with<by_int>(R"({"1":1,"1":2})"), "1: stands twice");
  EXPECT_EQ((problem_with<std::map<std::uint8_t, int>>(R"({"256":1})")),
            "256: expected integer from 0 to 255 as key, found \"256\"");
  EXPECT_EQ((problem_with<std::map<kept::metal, int>>(R"({"tin":1})")),
            "tin: unknown value \"tin\"; the values are: gold, silver");
  EXPECT_EQ((problem_with<std::map<kept::serial, int>>(R"({"7":1})")), "7: \"7\" is no serial");
  using without_case = std::map<std::string, int, name_without_case>;
  EXPECT_EQ(problem_with<without_case>(R"({"a":1,"A":2})"), "A: stands twice");
  without_case out;
  EXPECT_FALSE(json::detail::read_canonical(R"({"a":1,"A":2})", out));
  EXPECT_EQ((problem_with<std::map<kept::serial, int>>(R"({"S-1":1,"S-01":2})")),
            "S-01: stands twice");
}

TEST(JsonTypes, HostileVariantsAndTuplesAreRefused) {
  using kept::figure;
  const std::string all_known = "; the alternatives are: monostate, circle, box, string, int64";
  EXPECT_EQ(problem_with<figure>(R"({"cone":{}})"), "unknown alternative \"cone\"" + all_known);
  EXPECT_EQ(problem_with<figure>(R"({"square":{"side":1}})"),
            "unknown alternative \"square\"" + all_known);
  EXPECT_EQ(problem_with<figure>(R"({"int64":1,"string":"x"})"),
            "expected one alternative, found 2" + all_known);
  EXPECT_EQ(problem_with<figure>("{}"), "expected one alternative, found 0" + all_known);
  EXPECT_EQ(problem_with<figure>("null"), "expected object, found null");
  EXPECT_EQ(problem_with<figure>(R"({"circle":{"radius":"x"}})"),
            "circle.radius: expected number, found string \"x\"");
  using pair = std::pair<std::int8_t, std::string>;
  EXPECT_EQ(problem_with<pair>("[1]"), "expected 2 items, found 1");
  EXPECT_EQ(problem_with<pair>(R"([1,"x",2])"), "expected 2 items, found 3");
  EXPECT_EQ(problem_with<pair>(R"(["x",1])"), "[0]: expected integer, found string \"x\"");
  EXPECT_EQ(problem_with<pair>(R"([128,"x"])"),
            "[0]: expected integer from -128 to 127, found integer 128");
  EXPECT_EQ(problem_with<pair>(R"({"0":1,"1":"x"})"), "expected array, found object");
  EXPECT_EQ(problem_with<kept::serial>("\"7\""), "string \"7\" is no serial");
  EXPECT_EQ(problem_with<kept::serial>("7"), "expected string, found integer 7");
  EXPECT_EQ((problem_with<std::chrono::duration<std::int32_t>>("2147483648")),
            "expected integer from -2147483648 to 2147483647, found integer 2147483648");
  EXPECT_EQ(problem_with<std::chrono::seconds>("1.5"), "expected integer, found number 1.5");
}

struct throws_when_copied {
  int value = 0;
  throws_when_copied() = default;
  throws_when_copied(const throws_when_copied& /*other*/) { throw 1; }
  throws_when_copied& operator=(const throws_when_copied&) = default;
};
BOOST_DESCRIBE_STRUCT(throws_when_copied, (), (value))

TEST(JsonTypes, WhatJsonCannotHoldIsNotWritten) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(written(std::pair(1, nan)),
            "problem [1]: number is not finite, and JSON cannot hold it");
  EXPECT_EQ(written(kept::figure(kept::circle{nan})).substr(0, 23), "problem circle.radius: ");
  EXPECT_EQ(written(std::chrono::duration<double>(nan)).substr(0, 7), "problem");
  EXPECT_EQ(written(std::map<int, std::string>{{-3, "\xff"}}),
            "problem -3: text is not valid UTF-8");
  EXPECT_EQ(written(std::map<kept::metal, int>{{kept::metal{7}, 1}}),
            "problem holds no declared enumerator");
  std::variant<int, throws_when_copied> none;
  const throws_when_copied source;
  EXPECT_ANY_THROW(none.emplace<1>(source));
  ASSERT_TRUE(none.valueless_by_exception());
  EXPECT_EQ(written(none).substr(0, 20), "problem holds no alt");
  kept::expression deep;
  for (std::size_t i = 0; i < json::depth_max; ++i) {
    deep = {std::vector<kept::expression>{deep}};
  }
  EXPECT_NE(written(deep).find("too deep"), std::string::npos);
}

TEST(JsonTypes, EachHasAShapeOfItsOwn) {
  EXPECT_EQ(json::shape<std::vector<std::string>>(), "[s]"); // as it was once
  EXPECT_EQ((json::shape<std::map<std::string, int>>()), "<i32>");
  EXPECT_EQ(json::shape<std::set<std::string>>(), "set[s]");
  EXPECT_EQ((json::shape<std::map<std::int64_t, int>>()), "<i64:i32>");
  EXPECT_EQ((json::shape<std::pair<int, bool>>()), "(i32;b;)");
  EXPECT_EQ(json::shape<kept::figure>(),
            "|monostate:();circle:{radius:f64;};box:{side:f64;};string:s;int64:i64;|");
  EXPECT_EQ(json::shape<kept::expression>(), "{value:|int64:i64;array:[^0];|;}");
  EXPECT_EQ(json::shape<std::chrono::milliseconds>(), "duration[1/1000]i64");
  EXPECT_EQ(json::shape<std::chrono::sys_time<std::chrono::microseconds>>(), "time[1/1000000]i64");
  EXPECT_EQ(json::shape<kept::serial>(), "serial(s)");
  EXPECT_EQ(json::shape<std::deque<bool>>(), json::shape<std::vector<bool>>());
}

TEST(JsonTypes, OwnedBytesCountWhatLiesElsewhere) {
  const std::string text(100, 'x');
  static_assert(!json::detail::owns_memory<std::pair<int, kept::serial>>());
  static_assert(json::detail::owns_memory<kept::figure>());
  EXPECT_EQ(json::owned_bytes(std::pair(1, text)), 100U);
  EXPECT_EQ(json::owned_bytes(kept::figure(text)), 100U);
  EXPECT_EQ(json::owned_bytes(kept::figure(std::int64_t{1})), 0U);
  EXPECT_EQ(json::owned_bytes(std::array<std::string, 2>{text, "abc"}), 103U);
  EXPECT_EQ(json::owned_bytes(std::optional<std::string>()), 0U);
  EXPECT_EQ(json::owned_bytes(std::deque<std::string>{text}), 100U + sizeof text);
  EXPECT_GE((json::owned_bytes(std::unordered_map<int, std::string>{{1, text}})), 100U);
}

} // namespace
} // namespace cairn
