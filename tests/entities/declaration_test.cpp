// What an entity type is made of when its structs are all that is written.

#include <cairn/entity.hpp>
#include <cairn/testing.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn {
namespace {

using namespace std::chrono_literals;

struct lamp {
  enum class colour : std::uint8_t { warm, cold = 7 };

  std::int64_t watts = 0;
  colour shade = colour::warm;
  std::string owner;
  using member_names = cairn::member_names<cairn::renamed<&lamp::watts, "power">>;

  struct light {
    std::int64_t watts = 0;
  };
  struct dim {};
  struct paint {
    colour shade = colour::warm;
  };
  struct lit {
    std::int64_t watts = 0;
    using member_names = cairn::member_names<cairn::renamed<&lit::watts, "power">>;
  };
  struct dimmed {};
  struct painted {
    colour shade = colour::warm;
  };
  struct returned {};
  struct burnt {};

  cairn::decision<lit, cairn::timer<dim>> decide(const light& command) const {
    return {lit{command.watts}, cairn::timer<dim>{"dim", 1s, dim{}}};
  }
  cairn::decision<dimmed, lit> decide(const dim& /*command*/, const cairn::context& /*ctx*/) const {
    return dimmed{};
  }
  cairn::decision<painted> decide(const paint& command) const { return painted{command.shade}; }
  cairn::decision<returned> decide(const cairn::undelivered& /*letter*/) const {
    return returned{};
  }
  void apply(const lit& event) { watts = event.watts; }
  void apply(const dimmed& /*event*/) { watts /= 2; }
  void apply(const painted& event) { shade = event.shade; }
  void apply(const returned& /*event*/) {}
  void apply(const burnt& /*event*/) { watts = 0; }

  using entity = cairn::entity<
      "lamp", cairn::commands<light, cairn::named<"darken", dim>, paint>,
      cairn::also_applies<burnt>,
      cairn::aspect<&lamp::watts, cairn::commands<light, dim>, cairn::events<lit, dimmed, burnt>>,
      cairn::aspect<&lamp::shade, cairn::commands<paint, light>, cairn::events<painted>>>;
};

template <class Listed>
std::vector<std::string> names_of(const std::vector<Listed>& listed) {
  std::vector<std::string> names;
  for (const auto& each : listed) {
    names.push_back(each.name + ' ');
    if constexpr (requires { each.schema; }) {
      names.back() += std::to_string(each.schema);
    }
  }
  return names;
}

TEST(Declaration, NamesAreTheStructsOwnUnlessOthersAreGiven) {
  EXPECT_EQ(names_of(type_descriptor<lamp>().commands),
            (std::vector<std::string>{"light ", "darken ", "paint "}));
}

TEST(Declaration, EventsAreWhatTheDecidesReturnInOrderOfMention) {
  EXPECT_EQ(names_of(type_descriptor<lamp>().events),
            (std::vector<std::string>{"lit 1", "dimmed 1", "painted 1", "returned 1", "burnt 1"}));
}

struct shelf {
  std::int64_t books = 0;
  struct add {};
  struct clear {};
  struct added {};
  struct cleared {};
  cairn::decision<added> decide(const add& /*command*/) const { return added{}; }
  cairn::decision<cleared> decide(const clear& /*command*/) const { return cleared{}; }
  void apply(const added& /*event*/) { ++books; }
  void apply(const cleared& /*event*/) { books = 0; }
  using entity = cairn::entity<"shelf", cairn::commands<add, clear>,
                               cairn::events<cairn::named<"emptied", cleared, 3>>>;
};

TEST(Declaration, AListOfEventsIsForOtherNamesAndSchemas) {
  EXPECT_EQ(names_of(type_descriptor<shelf>().events),
            (std::vector<std::string>{"emptied 3", "added 1"}));
  testing::given<shelf>().when(shelf::clear{}).then(shelf::cleared{});
}

TEST(Declaration, ACommandOrEventMayStandInSeveralAspects) {
  const auto& type = type_descriptor<lamp>();
  EXPECT_EQ(type.aspects, (std::vector<std::string>{"power", "shade"}));
  EXPECT_EQ(type.find_command("light")->depends, 3U);
  EXPECT_EQ(type.find_command("darken")->depends, 1U);
  EXPECT_EQ(type.find_command("paint")->depends, 2U);
  EXPECT_EQ(type.find_event("burnt")->touches, 1U);
  EXPECT_EQ(type.find_event("painted")->touches, 2U);
  EXPECT_EQ(type.find_event("returned")->touches, all_aspects);
}

TEST(Declaration, MembersAndEnumeratorsHaveTheirNamesInJson) {
  std::string text;
  json::problem wrong;
  lamp one;
  one.watts = 40;
  one.shade = lamp::colour::cold;
  ASSERT_TRUE(json::encode(text, one, wrong)) << wrong.text();
  EXPECT_EQ(text, R"({"power":40,"shade":"cold","owner":""})");
  lamp read;
  boost::json::value value;
  ASSERT_TRUE(json::parse(text, value, wrong) && json::decode(value, read, wrong)) << wrong.text();
  EXPECT_EQ(read.watts, 40);
  EXPECT_EQ(read.shade, lamp::colour::cold);
}

TEST(Declaration, AnEventOfAnyAliasIsAppliedFromItsText) {
  lamp state;
  const auto& lit = *type_descriptor<lamp>().find_event("lit");
  EXPECT_TRUE(lit.apply_canonical(&state, R"({"power":9})"));
  EXPECT_EQ(state.watts, 9);
  EXPECT_FALSE(lit.apply_canonical(&state, R"({"watts":8})"));
  EXPECT_EQ(state.watts, 9);
}

/// Counts itself, and throws when it is told to.
struct counted {
  static inline int alive = 0;
  static inline int throws_in = 0;

  counted() { ++alive; }
  counted(const counted& other) : text(other.text) { make(); }
  counted(counted&& other) : text(std::move(other.text)) { make(); }
  counted& operator=(const counted&) = default;
  counted& operator=(counted&&) = default;
  ~counted() { --alive; }

  std::string text = "longer than what a string has room for in itself";

private:
  void make() const {
    if (throws_in > 0 && --throws_in == 0) {
      throw std::runtime_error("no copy");
    }
    ++alive;
  }
};
struct large : counted {
  std::array<char, 500> bytes{};
};
struct alignas(128) aligned {
  char one = 'x';
};

using mixed = cairn::decision<counted, large, aligned, int>;

mixed many(int each) {
  mixed made;
  for (int i = 0; i < each; ++i) {
    counted kept;
    kept.text += std::to_string(i);
    made.add(kept).add(large{}).add(aligned{}).add(i);
  }
  return made;
}

TEST(Decision, KeepsItsPartsInOrderAndLetsGoOfThem) {
  {
    mixed first = many(5);
    const mixed moved = std::move(first);
    EXPECT_EQ(first.size(), 0U);
    ASSERT_EQ(moved.size(), 20U);
    for (std::size_t i = 0; i < moved.size(); ++i) {
      const auto& part = moved.parts()[i];
      EXPECT_EQ(part.index, i % 4);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(part.at) % part.type->alignment, 0U);
    }
    EXPECT_EQ(static_cast<const counted*>(moved.parts()[4].at)->text.back(), '1');
    EXPECT_EQ(*static_cast<const int*>(moved.parts()[19].at), 4);
    EXPECT_EQ(counted::alive, 10);
  }
  EXPECT_EQ(counted::alive, 0);
}

TEST(Decision, LetsGoOfItsPartsWhenOneThrows) {
  for (int throws_in = 1; throws_in < 30; ++throws_in) {
    counted::throws_in = throws_in;
    try {
      mixed first = many(2);
      const mixed moved = std::move(first);
      EXPECT_EQ(moved.size(), 8U);
    } catch (const std::runtime_error&) {
    }
    counted::throws_in = 0;
    EXPECT_EQ(counted::alive, 0);
  }
}

} // namespace
} // namespace cairn
