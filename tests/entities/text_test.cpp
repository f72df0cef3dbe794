// Texts for people that come from anywhere: a reason, what an exception says.

#include "entities/text.hpp"

#include <cairn/detail/outcome.hpp>
#include <cairn/json.hpp>
#include <cairn/testing.hpp>

#include "tests/support/described_values.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Text, WhatIsNotUtf8IsReplacedAndTheRestStays) {
  EXPECT_EQ(text_for_people("not enough gold"), "not enough gold");
  EXPECT_EQ(text_for_people("Zo\xC3\xAB"), "Zo\xC3\xAB");
  EXPECT_EQ(text_for_people("Zo\xC3"), "Zo\xEF\xBF\xBD");     // cut in the middle
  EXPECT_EQ(text_for_people("\xE2\x98 x"), "\xEF\xBF\xBD x"); // one for what breaks off
  EXPECT_EQ(text_for_people("a\xFF\xFE"
                            "b"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");                                             // one for each
  EXPECT_EQ(text_for_people("\xED\xA0\x80"), "\xEF\xBF\xBD"); // a surrogate
  EXPECT_EQ(text_for_people(std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Text, ALongOneEndsInAnEllipsisBetweenTwoCharacters) {
  for (const std::string piece : {"x", "\xC3\xAB", "\xE2\x98\x83", "\xF0\x9D\x84\x9E", "\xFF"}) {
    std::string text;
    while (text.size() < (2U << 20U)) text += piece;
    const auto cut = text_for_people(text);
    EXPECT_LE(cut.size(), reason_bytes_max) << piece;
    EXPECT_GT(cut.size(), reason_bytes_max - 8) << piece;
    EXPECT_TRUE(json::is_utf8(cut)) << piece;
    EXPECT_TRUE(cut.ends_with("\xE2\x80\xA6")) << piece;
  }
  std::string fits(reason_bytes_max, 'x');
  EXPECT_EQ(text_for_people(fits), fits);
}

// A decision's reason passes here, whatever it is.
TEST(Text, AReasonOfARejectionIsRepaired) {
  cairn::testing::given<sample::chest>()
      .when(sample::chest::refuse{"5a6fc3"})
      .then_rejected("Zo\xEF\xBF\xBD");
}

} // namespace
} // namespace cairn
