#pragma once

#include <cairn/compare.hpp>

#include <string>
#include <vector>

namespace cairn::compare {

/// What the cells say, in sentences with their figures: the measured ones where there are any. Of a machine that was
/// busy it says that first, and nothing of what is faster than what.
std::vector<std::string> make_answer(const std::vector<cell>& cells, const machine_load& load = {});

/// What the looks at the machine say together.
machine_load judge_load(std::vector<double> shares);

/// `64 clients, 10,000 entities, theta 0.9, 50 ms think time`
std::string describe(const workload& load);

} // namespace cairn::compare
