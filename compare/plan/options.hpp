#pragma once

#include <cairn/compare.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
}

namespace cairn::compare {

/// What the command line says.
struct command_options {
  bool quick = false;
  std::string preset = "counter";
  // Over the preset's.
  std::optional<std::uint64_t> entities, clients;
  std::optional<double> theta, think_ms, read_share, rate_per_s;
  std::optional<std::uint32_t> parts, state_bytes, event_bytes;
  std::uint64_t seed = 1;

  settings how;
  bool seconds_given = false;

  // Over what was measured, or over the stated ones.
  std::optional<std::uint32_t> cores;
  std::optional<double> decide_us, refuse_us, read_us, lease_us, load_us, fold_us, commit_us,
      batch_us, sync_us, round_trip_us;
  bool constant_think = false;
  bool lease_queue = false;
  bool measure_costs = false; // simulate
  std::uint32_t pairs = 20;   // check

  bool json = false;
  std::string csv, html; // where to; empty: nowhere, `-`: standard output
  std::string trace;
};

void declare_options(CLI::App& program, command_options& options);

workload workload_of(const command_options& options);
cost_model costs_over(cost_model base, const command_options& options);

} // namespace cairn::compare
