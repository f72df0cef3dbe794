#include "entities/live_entity.hpp"

#include <gtest/gtest.h>

namespace {

using cairn::conflict_kind;
using cairn::expectation;
using kind = cairn::expectation::kind;

constexpr cairn::standing never{0, false};
constexpr cairn::standing at_three{3, false};
constexpr cairn::standing gone{3, true};
constexpr auto none = std::optional<conflict_kind>{};

struct rule {
  cairn::standing actual;
  expectation expected;
  std::optional<conflict_kind> command;
  std::optional<conflict_kind> removal;
};

/// The whole table, a line each: where it stands, what is expected, what a command and a removal meet.
const rule rules[] = {
    {never, {kind::any}, none, conflict_kind::absent},
    {never, {kind::absent}, none, conflict_kind::absent},
    {never, {kind::exists}, conflict_kind::absent, conflict_kind::absent},
    {never, {kind::at, 0}, none, conflict_kind::absent},
    {never, {kind::at, 4}, conflict_kind::ahead, conflict_kind::absent},
    {at_three, {kind::any}, none, none},
    {at_three, {kind::absent}, conflict_kind::exists, conflict_kind::exists},
    {at_three, {kind::exists}, none, none},
    {at_three, {kind::at, 0}, conflict_kind::stale, conflict_kind::stale},
    {at_three, {kind::at, 2}, conflict_kind::stale, conflict_kind::stale},
    {at_three, {kind::at, 3}, none, none},
    {at_three, {kind::at, 4}, conflict_kind::ahead, conflict_kind::ahead},
    {at_three, {kind::at, cairn::version_max}, conflict_kind::ahead, conflict_kind::ahead},
    {gone, {kind::any}, conflict_kind::deleted, conflict_kind::deleted},
    {gone, {kind::absent}, none, conflict_kind::deleted},
    {gone, {kind::exists}, conflict_kind::deleted, conflict_kind::deleted},
    {gone, {kind::at, 0}, conflict_kind::deleted, conflict_kind::deleted},
    {gone, {kind::at, 3}, conflict_kind::deleted, conflict_kind::deleted},
    {gone, {kind::at, 4}, conflict_kind::deleted, conflict_kind::deleted},
};

TEST(ConflictRules, EveryExpectationMeetsWhatTheTableSays) {
  for (std::size_t line = 0; line < std::size(rules); ++line) {
    const auto& rule = rules[line];
    EXPECT_EQ(cairn::judge(rule.actual, rule.expected, false, cairn::version_checks::on),
              rule.command)
        << "line " << line;
    EXPECT_EQ(cairn::judge(rule.actual, rule.expected, true, cairn::version_checks::on),
              rule.removal)
        << "line " << line;
  }
}

TEST(ConflictRules, TheSwitchTurnsOffStaleAndAheadOnly) {
  for (std::size_t line = 0; line < std::size(rules); ++line) {
    const auto& rule = rules[line];
    auto expected = rule.command;
    if (expected == conflict_kind::stale || expected == conflict_kind::ahead) {
      expected.reset();
    }
    EXPECT_EQ(cairn::judge(rule.actual, rule.expected, false, cairn::version_checks::off), expected)
        << "line " << line;
  }
}

} // namespace
