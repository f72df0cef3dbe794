#include "bench/suite/figures.hpp"

#include <cairn/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace cairn::bench {

namespace {

/// What is worth comparing, and what it is compared with.
struct known_ratio {
  const char* name;
  const char* over;
  const char* under;
};
constexpr std::array known_ratios{
    known_ratio{"durable.uniform over bare CAF", "durable.uniform.commands_per_s",
                "ceiling.caf_requests_per_s"},
    known_ratio{"durable.uniform over the store", "durable.uniform.commands_per_s",
                "ceiling.store_changes_per_s"},
    known_ratio{"store over bare CAF", "ceiling.store_changes_per_s", "ceiling.caf_requests_per_s"},
    known_ratio{"durable.hot over uniform", "durable.hot.commands_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"unchecked over checked", "unchecked.uniform.commands_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"memory over durable", "memory.uniform.commands_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"reads over commands", "read.uniform.reads_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"transactions of 2 over commands", "transact.of_2.transactions_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"merged over commands", "merged.commands_per_s", "durable.uniform.commands_per_s"},
    known_ratio{"duplicates over commands", "duplicate.commands_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"conflicts over commands", "conflict.commands_per_s",
                "durable.uniform.commands_per_s"},
    known_ratio{"slow disk, 256 over 16 in flight", "durable.slow_disk.256.commands_per_s",
                "durable.slow_disk.16.commands_per_s"},
    known_ratio{"slow disk, 4,096 over 16 in flight", "durable.slow_disk.4096.commands_per_s",
                "durable.slow_disk.16.commands_per_s"},
    known_ratio{"replay over bare parsing", "replay.changes_per_s", "ceiling.json_parse_per_s"},
    known_ratio{"loading after a kill over after a close", "load.after_kill_entities_per_s",
                "load.entities_per_s"},
    known_ratio{"opening 10^6 over 10^5, after a close", "open.1e6.after_close_s",
                "open.1e5.after_close_s"},
    known_ratio{"opening 10^6 over 10^5, after a kill", "open.1e6.after_kill_s",
                "open.1e5.after_kill_s"},
    known_ratio{"opening 10^7 over 10^5, after a close", "open.1e7.after_close_s",
                "open.1e5.after_close_s"},
    known_ratio{"opening 10^7 over 10^5, after a kill", "open.1e7.after_kill_s",
                "open.1e5.after_kill_s"},
    known_ratio{"a resident entity over a bare actor", "resident.bytes_per_entity",
                "ceiling.bytes_per_bare_actor"},
};

double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Of samples into `median`, `lowest` and `highest`.
template <class Summary>
void spread(Summary& into, const std::vector<double>& samples) {
  into.median = middle_of(samples);
  into.lowest = *std::min_element(samples.begin(), samples.end());
  into.highest = *std::max_element(samples.begin(), samples.end());
}

std::string number(double value) {
  const double size = value < 0 ? -value : value;
  return size >= 1000 ? fmt::format("{:.0f}", value)
                      : fmt::format("{:.{}f}", value,
                                    size >= 10    ? 1
                                    : size >= 0.1 ? 3
                                                  : 5);
}

} // namespace

void add_sample(report& to, std::string_view name, std::string_view unit, double value) {
  for (auto& known : to.figures) {
    if (known.name == name) {
      known.samples.push_back(value);
      return;
    }
  }
  to.figures.push_back({std::string(name), std::string(unit), 0, 0, 0, {value}});
}

const figure* find(const report& in, std::string_view name) noexcept {
  for (const auto& known : in.figures) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

void summarize(report& made) {
  for (auto& one : made.figures) spread(one, one.samples);
  made.ratios.clear();
  for (const auto& [name, over, under] : known_ratios) {
    const auto* above = find(made, over);
    const auto* below = find(made, under);
    if (above == nullptr || below == nullptr) continue;
    std::vector<double> of_rounds;
    // What has a sample for each round is compared round by round; else all there is with all there is.
    for (std::size_t i = 0; i < std::min(above->samples.size(), below->samples.size()); ++i) {
      of_rounds.push_back(above->samples[i] / below->samples[i]);
    }
    ratio compared{name, over, under};
    spread(compared, of_rounds);
    made.ratios.push_back(std::move(compared));
  }
}

std::string to_table(const report& shown) {
  std::string text =
      fmt::format("{}\nallocator {}, journal {}\n{} rounds of {} s\n\n", shown.machine,
                  shown.allocator, shown.journal, shown.rounds, shown.seconds);
  text += fmt::format("{:<44}{:>14}{:>14}{:>14}  unit\n", "figure", "median", "lowest", "highest");
  for (const auto& one : shown.figures) {
    text += fmt::format("{:<44}{:>14}{:>14}{:>14}  {}\n", one.name, number(one.median),
                        number(one.lowest), number(one.highest), one.unit);
  }
  text += fmt::format("\n{:<44}{:>14}{:>14}{:>14}\n", "ratio", "median", "lowest", "highest");
  for (const auto& one : shown.ratios) {
    text += fmt::format("{:<44}{:>14.2f}{:>14.2f}{:>14.2f}\n", one.name, one.median, one.lowest,
                        one.highest);
  }
  if (!shown.left_out.empty()) {
    text += "\nleft out:";
    for (const auto& one : shown.left_out) text += "\n  " + one;
    text += "\n";
  }
  if (!shown.complete) text += "\nInterrupted: this is what was done until then.\n";
  return text;
}

std::string to_json(const report& shown) {
  std::string text;
  json::problem wrong;
  if (!json::encode(text, shown, wrong)) throw std::logic_error("report: " + wrong.text());
  return text + "\n";
}

} // namespace cairn::bench
