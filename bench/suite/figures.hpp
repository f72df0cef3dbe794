#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::bench {

/// One figure with the samples that it is the median of.
struct figure {
  std::string name;
  std::string unit;
  double median = 0;
  double lowest = 0;
  double highest = 0;
  std::vector<double> samples;
};

/// One figure over another of the same rounds.
struct ratio {
  std::string name;
  std::string over;
  std::string under;
  double median = 0; ///< Of the ratios of each round.
  double lowest = 0;
  double highest = 0;
};

/// Everything that a run of the suite found.
struct report {
  std::string version;
  std::string machine;
  std::string allocator;
  std::string time;
  std::string journal;
  std::string command;
  bool complete = true; ///< False: it was interrupted.
  std::uint32_t rounds = 0;
  double seconds = 0; ///< Of each sample.
  std::vector<std::string> left_out;
  std::vector<figure> figures;
  std::vector<ratio> ratios;
};

/// Adds a sample to the figure of that name, which is made when it is the first.
void add_sample(report& to, std::string_view name, std::string_view unit, double value);

/// The figure of that name; null: there is none.
const figure* find(const report& in, std::string_view name) noexcept;

/// Sorts out medians, and makes the ratios whose figures are there.
void summarize(report& made);

/// For a terminal.
std::string to_table(const report& shown);

/// One JSON document with everything. Docs: docs/performance.md.
std::string to_json(const report& shown);

} // namespace cairn::bench
