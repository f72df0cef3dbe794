// Forms of one's own, and how the testing kit finds those that lose something.

#include <cairn/testing.hpp>

#include "tests/support/kept_values.hpp"

#include <gtest/gtest.h>

namespace {

/// Hundredths of a degree.
struct angle {
  int hundredths = 0;
  friend bool operator==(const angle&, const angle&) = default;
};

/// Takes less than it writes.
struct grade {
  int value = 0;
};

/// Reads another one than was written.
struct mark {
  int value = 0;
};

} // namespace

template <>
struct cairn::json::form<angle> {
  static constexpr std::string_view name = "angle";
  using json_type = std::int32_t;
  static std::int32_t to_json(const angle& value) { return value.hundredths / 100; }
  static std::optional<angle> from_json(std::int32_t degrees) { return angle{degrees * 100}; }
};

template <>
struct cairn::json::form<grade> {
  static constexpr std::string_view name = "grade";
  using json_type = std::int32_t;
  static std::int32_t to_json(const grade& value) { return value.value; }
  static std::optional<grade> from_json(std::int32_t value) {
    return value < 7 ? std::optional(grade{value}) : std::nullopt;
  }
};

template <>
struct cairn::json::form<mark> {
  static constexpr std::string_view name = "mark";
  using json_type = std::int32_t;
  static std::int32_t to_json(const mark& value) { return value.value; }
  static std::optional<mark> from_json(std::int32_t value) { return mark{value + 1}; }
};

namespace cairn {
namespace {

template <class T>
std::string failure_of(const T& value) {
  try {
    testing::round_trip(value);
  } catch (const testing::failure& thrown) {
    return thrown.what();
  }
  return "";
}

TEST(JsonForm, OneThatLosesNothingComesBack) {
  testing::round_trip(kept::serial(7), kept::money{-1}, std::vector{kept::serial(0)},
                      kept::everything());
}

TEST(JsonForm, OneThatLosesSomethingIsFound) {
  EXPECT_EQ(failure_of(angle{200}), "");
  EXPECT_EQ(failure_of(angle{250}), "this value comes back from its JSON as another one: 2");
  EXPECT_EQ(failure_of(std::vector{angle{250}}).substr(0, 26), "this value comes back from");
}

TEST(JsonForm, OneThatDoesNotReadWhatItWroteIsFound) {
  EXPECT_EQ(failure_of(grade{6}), "");
  EXPECT_EQ(failure_of(std::vector{grade{1}, grade{7}}),
            "this JSON does not come back: [1,7]: [1]: integer 7 is no grade");
  EXPECT_EQ(failure_of(mark{1}), "this JSON comes back as another: 1 as 2");
}

struct gauge {
  angle shown;

  struct turn {
    angle to;
  };
  struct turned {
    angle to;
    friend bool operator==(const turned&, const turned&) = default;
  };
  cairn::decision<turned> decide(const turn& command) const { return {turned{command.to}}; }
  void apply(const turned& event) { shown = event.to; }

  using entity = cairn::entity<"gauge", cairn::commands<turn>>;
};

TEST(JsonForm, AScenarioFindsItInItsEvents) {
  testing::given<gauge>().when(gauge::turn{{300}}).then(gauge::turned{{300}});
  EXPECT_THROW(testing::given<gauge>().when(gauge::turn{{250}}).then(gauge::turned{{250}}),
               testing::failure);
}

} // namespace
} // namespace cairn
