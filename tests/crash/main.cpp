#include "tests/crash/child.hpp"
#include "tests/crash/exits.hpp"
#include "tests/crash/living.hpp"
#include "tests/crash/transfers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

/// The test program is its own child: `--crash-child DIRECTORY FD NUMBER…`, `--transfers DIRECTORY SEED FD`,
/// `--living DIRECTORY POINT TIMES`, `--exit-child DIRECTORY WAY FD`.
int main(int argc, char** argv) {
  if (argc > 3 && std::strcmp(argv[1], "--crash-child") == 0) {
    std::vector<std::uint64_t> numbers;
    for (int i = 4; i < argc; ++i) {
      numbers.push_back(std::strtoull(argv[i], nullptr, 10));
    }
    return run_crash_child(argv[2], numbers, std::atoi(argv[3]));
  }
  if (argc == 5 && std::strcmp(argv[1], "--transfers") == 0) {
    return run_transfers(argv[2], std::strtoull(argv[3], nullptr, 10), std::atoi(argv[4]));
  }
  if (argc == 5 && std::strcmp(argv[1], "--living") == 0) {
    return run_living(argv[2], static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)),
                      static_cast<unsigned>(std::strtoul(argv[4], nullptr, 10)));
  }
  if (argc == 5 && std::strcmp(argv[1], "--exit-child") == 0) {
    return run_exit_child(argv[2], argv[3], std::atoi(argv[4]));
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
