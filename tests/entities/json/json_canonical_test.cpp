// Reading what Cairn itself writes without a tree in between: whatever it takes, `parse` and `decode` take as well, and
// make the same of it.

#include <cairn/detail/json/canonical.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

namespace cairn {
namespace {

struct inner_part {
  bool on = false;
  std::vector<std::int64_t> numbers;
};

struct whole_thing {
  std::int64_t big = 0;
  std::uint8_t small = 0;
  double share = 0;
  std::string text;
  std::optional<std::string> maybe;
  inner_part inner;
  std::vector<inner_part> many;
};

std::string text_of(const whole_thing& value) {
  std::string text;
  json::problem wrong;
  EXPECT_TRUE(json::encode(text, value, wrong)) << wrong.text();
  return text;
}

/// By the way that judges.
bool decodes(std::string_view text, whole_thing& out) {
  boost::json::value value;
  json::problem wrong;
  return json::parse(text, value, wrong) && json::decode(value, out, wrong);
}

whole_thing sample_thing(std::mt19937_64& random) {
  whole_thing made;
  made.big = static_cast<std::int64_t>(random());
  made.small = static_cast<std::uint8_t>(random());
  std::uint64_t bits = random();
  std::memcpy(&made.share, &bits, sizeof bits);
  if (!std::isfinite(made.share)) {
    made.share = 0.1;
  }
  made.text = random() % 2 == 0 ? "plain" : "Zoë 🎲";
  if (random() % 2 == 0) {
    made.maybe = "x";
  }
  made.inner = {random() % 2 == 0, {1, -2, 3}};
  made.many.resize(random() % 3);
  return made;
}

TEST(JsonCanonical, ReadsWhatWasWrittenToTheBit) {
  std::mt19937_64 random(1);
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = text_of(sample_thing(random));
    whole_thing back;
    if (json::detail::read_canonical(text, back)) {
      ++read;
      EXPECT_EQ(text_of(back), text);
    }
  }
  EXPECT_GT(read, 15'000) << "it is hardly ever of use";
}

TEST(JsonCanonical, TakesNothingThatTheOtherWayRefusesOrReadsOtherwise) {
  std::mt19937_64 random(2);
  const std::string good = text_of(sample_thing(random));
  const std::string bytes = "0123456789-+.eE,:{}[]\"\\ntf \x01\xc3\xff" + good;
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = good;
    for (auto changes = 1 + random() % 2; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = bytes[random() % bytes.size()];
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, bytes[random() % bytes.size()]);
      }
    }
    whole_thing fast;
    if (!json::detail::read_canonical(text, fast)) {
      continue;
    }
    ++taken;
    whole_thing judged;
    ASSERT_TRUE(decodes(text, judged)) << text;
    ASSERT_EQ(text_of(fast), text_of(judged)) << text;
  }
  EXPECT_GT(taken, 1'000);
}

TEST(JsonCanonical, LeavesWhatIsNotCanonicalToTheOtherWay) {
  std::int64_t number = 0;
  for (const char* text : {"01", "-0", "1.0", "1e3", "+1", "", "9223372036854775808", " 1"}) {
    EXPECT_FALSE(json::detail::read_canonical(text, number)) << text;
  }
  double share = 0;
  for (const char* text : {"inf", "nan", "-inf", "1.", ".5", "1.e5", "0x1", "-", "1e999", "-0",
                           "01", "00", "0e1", "-01.5", "0.", "-.5"}) {
    EXPECT_FALSE(json::detail::read_canonical(text, share)) << text;
  }
  for (const char* text : {"0", "0.5", "-0.0", "-0.25", "1e-7"}) {
    EXPECT_TRUE(json::detail::read_canonical(text, share)) << text;
  }
  inner_part part;
  EXPECT_FALSE(json::detail::read_canonical(R"({"numbers":[],"on":true})", part));
  EXPECT_FALSE(json::detail::read_canonical(R"({"on":true})", part));
  EXPECT_TRUE(json::detail::read_canonical(R"({"on":true,"numbers":[]})", part));
}

} // namespace
} // namespace cairn
