// Users' code may throw anything, anywhere: the table of what is thrown by what, on plain threads, so that
// ThreadSanitizer sees them.

#include "tests/support/thread_world.hpp"
#include "tests/support/user_code/user_code_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using cairn::testing::user_code_row;

class UserCodeThreads : public testing::TestWithParam<user_code_row> {};

// Invariant 12.
TEST_P(UserCodeThreads, MayThrowAnything) {
  for (const auto& thrown : sample::thrown_kinds()) {
    SCOPED_TRACE(thrown.name);
    GetParam().check(&cairn::testing::make_thread_world, thrown);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, UserCodeThreads,
                         testing::ValuesIn(cairn::testing::user_code_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

} // namespace
