#include "compare/plan/strategy.hpp"

#include <algorithm>

namespace cairn::compare {

const std::vector<const strategy*>& all_strategies() {
  static const std::vector<const strategy*> all{
      &single_writer(), &optimistic(), &optimistic_informed(), &aspects(),
      &merge(),         &lease(),      &store_optimistic(),    &overwrite()};
  return all;
}

const strategy* find_strategy(std::string_view name) {
  const auto& all = all_strategies();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const strategy* one) { return one->name() == name; });
  return found == all.end() ? nullptr : *found;
}

bool is_asked_for(const strategy& one, const settings& how) {
  const auto& names = how.strategies;
  return names.empty() || std::find(names.begin(), names.end(), one.name()) != names.end();
}

} // namespace cairn::compare
