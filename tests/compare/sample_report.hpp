#pragma once

#include <cairn/compare.hpp>

namespace cairn::compare {

/// A report with something in every chart: cells of simulated time, a part of which is said to be measured. Text in it is
/// what a page must not take for markup.
report sample_report();

} // namespace cairn::compare
