#include "compare/report/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace cairn::compare {

namespace {

constexpr double even_within = 0.1; // medians of few repetitions are not closer than that

std::string with_commas(double number) {
  const std::string digits = fmt::format("{:.0f}", number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

/// A workload's cells that have figures.
struct compared {
  const cell* single = nullptr;
  const cell* optimistic = nullptr;
  const cell* unprotected = nullptr;
};

bool same(const workload& a, const workload& b) {
  return a.name == b.name && a.entities == b.entities && a.clients == b.clients &&
         a.theta == b.theta && a.think_ms == b.think_ms;
}

compared cells_of(const std::vector<const cell*>& cells, const workload& load) {
  compared found;
  for (const auto* one : cells) {
    if (!same(one->load, load)) continue;
    if (one->strategy == "single-writer") found.single = one;
    if (one->strategy == "optimistic") found.optimistic = one;
    if (one->strategy == "overwrite") found.unprotected = one;
  }
  return found;
}

std::string verdict(const compared& of) {
  const double single = of.single->median.accepted_per_s;
  const double optimistic = of.optimistic->median.accepted_per_s;
  const auto rates = [](double first, double second) {
    return fmt::format("({} against {} accepted a second)", with_commas(first),
                       with_commas(second));
  };
  if (optimistic <= 0) return "optimistic gets nothing done " + rates(single, optimistic);
  const double ratio = single / optimistic;
  // Also where their repetitions overlap: the difference is then no more than the machine's.
  const bool overlap = of.single->low.accepted_per_s <= of.optimistic->high.accepted_per_s &&
                       of.optimistic->low.accepted_per_s <= of.single->high.accepted_per_s &&
                       !of.single->simulated;
  if (std::abs(ratio - 1) <= even_within || overlap)
    return "they are even " + rates(single, optimistic);
  return ratio > 1 ? fmt::format("the single writer takes {:.1f} × what optimistic does {}", ratio,
                                 rates(single, optimistic))
                   : fmt::format("optimistic takes {:.1f} × what the single writer does {}",
                                 1 / ratio, rates(optimistic, single));
}

/// Where the two differ most, and where least.
struct extremes {
  compared most;
  compared least;
};

extremes find_extremes(const std::vector<const cell*>& cells) {
  extremes found;
  double most = -1;
  double least = 0;
  for (const auto* one : cells) {
    const auto here = cells_of(cells, one->load);
    if (here.single != one || here.optimistic == nullptr) continue;
    const double distance =
        std::abs(std::log(std::max(one->median.accepted_per_s, 1e-9) /
                          std::max(here.optimistic->median.accepted_per_s, 1e-9)));
    if (most < 0 || distance > most) {
      most = distance;
      found.most = here;
    }
    // Of several that are even, the one with the most think time says most.
    const bool even = distance < std::log1p(even_within);
    if (found.least.single == nullptr || distance < least ||
        (even && one->load.think_ms > found.least.single->load.think_ms)) {
      least = std::min(distance, found.least.single == nullptr ? distance : least);
      found.least = here;
    }
  }
  return found;
}

} // namespace

std::string describe(const workload& load) {
  std::string text = fmt::format(
      "{} client{} on {}", load.clients, load.clients == 1 ? "" : "s",
      load.entities == 1 ? std::string("one entity")
                         : with_commas(static_cast<double>(load.entities)) + " entities");
  if (load.theta > 0) text += fmt::format(", theta {}", load.theta);
  text += load.think_ms > 0 ? fmt::format(", {} ms think time", load.think_ms) : ", no think time";
  if (load.read_share > 0) text += fmt::format(", {:.0f} % reads", load.read_share * 100);
  if (load.rate_per_s > 0) text += fmt::format(", {} begun a second", load.rate_per_s);
  if (load.parts > 1) text += fmt::format(", {} parts", load.parts);
  return text;
}

machine_load judge_load(std::vector<double> shares) {
  constexpr double good_share = 0.9; // what the kernel itself takes now and then leaves more
  machine_load found;
  found.looks = static_cast<std::uint32_t>(shares.size());
  if (shares.empty()) return found;
  std::sort(shares.begin(), shares.end());
  found.cpu_share = shares[shares.size() / 2];
  found.busy = shares[shares.size() / 4] < good_share;
  return found;
}

std::vector<std::string> make_answer(const std::vector<cell>& cells, const machine_load& load) {
  const bool any_measured =
      std::any_of(cells.begin(), cells.end(), [](const cell& one) { return !one.simulated; });
  std::vector<const cell*> good;
  for (const auto& one : cells) {
    if (one.error.empty() && one.simulated != any_measured) good.push_back(&one);
  }
  std::vector<std::string> said;
  const bool busy = load.busy && any_measured;
  if (busy) {
    said.push_back(
        fmt::format("This machine was busy: a program got {:.0f} % of the CPU time that it asked "
                    "for, the median of {} looks. "
                    "So the measured figures tell more of what else ran than of the strategies; "
                    "measure again on a quiet machine.",
                    load.cpu_share * 100, load.looks));
  }
  const auto found = busy ? extremes{} : find_extremes(good);
  if (found.most.single != nullptr) {
    std::string text = "With " + describe(found.most.single->load) + " " + verdict(found.most);
    if (found.least.single != found.most.single) {
      text += "; with " + describe(found.least.single->load) + " " + verdict(found.least);
    }
    said.push_back(text + ".");
  }
  const cell* worst = nullptr;
  for (const auto* one : good) {
    if (one->median.lost > 0 && (worst == nullptr || one->median.lost > worst->median.lost)) {
      worst = one;
    }
  }
  if (worst != nullptr) {
    said.push_back(
        fmt::format("Without protection, {} accepted updates were lost with {}; every "
                    "protected cell lost none.",
                    with_commas(static_cast<double>(worst->median.lost)), describe(worst->load)));
  }
  return said;
}

} // namespace cairn::compare
