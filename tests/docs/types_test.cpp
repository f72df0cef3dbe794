// docs/guide/types.md.

#include <cairn/testing.hpp>

#include <gtest/gtest.h>

#include <charconv>

// [money form]
struct money {
  std::int64_t cents = 0;
  friend bool operator==(const money&, const money&) = default;
};

template <>
struct cairn::json::form<money> {
  static constexpr std::string_view name = "money"; // in shapes and messages
  using json_type = std::string;                    // what stands for it, of any kind above

  static std::string to_json(const money& value) { return std::to_string(value.cents) + " ct"; }

  static std::optional<money> from_json(const std::string& text) { // nothing: it is none
    money read;
    const char* const end = text.data() + text.size();
    const auto [past, failure] = std::from_chars(text.data(), end, read.cents);
    const bool good = failure == std::errc{} && std::string_view(past, end) == " ct";
    return good ? std::optional(read) : std::nullopt;
  }
};
// [/money form]

namespace {

TEST(GuideTypes, AFormOfOnesOwnIsCheckedByTheKit) {
  // [money check]
  cairn::testing::round_trip(money{0}, money{-1}, money{INT64_MAX});
  // [/money check]
}

namespace payment {
// [payment]
struct cash {};
struct card {
  std::string number;
};
struct bill {
  money total;
  std::variant<cash, card> paid_with; // {"card":{"number":"4711"}}
  std::map<std::int64_t, money> shares;
  cairn::time_point due;
};
// [/payment]
} // namespace payment

TEST(GuideTypes, AVariantIsAnObjectWithItsAlternativesName) {
  std::string text;
  cairn::json::problem wrong;
  const payment::bill bill{{250}, payment::card{"4711"}, {{7, {100}}}, cairn::time_point()};
  ASSERT_TRUE(cairn::json::encode(text, bill, wrong)) << wrong.text();
  EXPECT_EQ(text, R"({"total":"250 ct","paid_with":{"card":{"number":"4711"}},)"
                  R"("shares":{"7":"100 ct"},"due":0})");
}

} // namespace
