#include "tests/examples/program.hpp"

#include <gtest/gtest.h>

namespace cairn::testing {
namespace {

TEST(Quickstart, SecondClientConflictsWithTheFirst) {
  const auto ended = run({"quickstart"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out,
            "first client: accepted, version 2\n"
            "second client: conflict, expected version 1, it is at 2\n"
            "gold left: 40\n");
}

} // namespace
} // namespace cairn::testing
