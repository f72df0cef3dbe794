#pragma once

#include <cairn/compare.hpp>

#include <string>

namespace cairn::compare {

/// The report for a terminal: a table for each workload, the answer below.
std::string to_table(const report& shown);

/// One JSON document with everything, every repetition included. Docs: docs/compare.md.
std::string to_json(const report& shown);

/// A line for each repetition of each cell, and one with the names above.
std::string to_csv(const report& shown);

/// One self-contained page with charts; it loads nothing.
std::string to_html(const report& shown);

} // namespace cairn::compare
