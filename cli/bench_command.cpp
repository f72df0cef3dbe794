#include <cairn/bench.hpp>

#include "cli/commands.hpp"

namespace cairn::cli {

void add_bench_command(CLI::App& program, session& session) {
  add_leaf_command(
      program, session, "bench", "Measure how fast Cairn is, against ceilings",
      [](int argc, const char* const* argv) { return bench::run(argc, argv, interrupted); });
}

} // namespace cairn::cli
