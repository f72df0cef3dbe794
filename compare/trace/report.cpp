#include <cairn/json.hpp>

#include "compare/report/terminal.hpp"
#include "compare/trace/command.hpp"
#include "compare/trace/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <vector>

namespace cairn::compare {

namespace {

std::string trace_json(const std::vector<trace_result>& results) {
  std::string out;
  json::problem wrong;
  json::encode(out, results, wrong); // counts and texts: nothing that JSON cannot hold
  return "{\"results\":" + out + "}\n";
}

std::string trace_csv(const std::vector<trace_result>& results) {
  std::string out =
      "strategy,edits,accepted,refused_at_first,retried,merged,elsewhere,rejected,ends_as_"
      "recorded\n";
  for (const auto& one : results) {
    out += fmt::format("{},{},{},{},{},{},{},{},{}\n", one.strategy, one.edits, one.accepted,
                       one.refused_at_first, one.retried, one.merged, one.elsewhere, one.rejected,
                       one.ends_as_recorded);
  }
  return out;
}

std::string trace_table(const trace_session& session, const std::vector<trace_result>& results) {
  constexpr auto columns = "  {:<20} {:>8} {:>9} {:>16} {:>8} {:>7} {:>10} {:>9}  {}\n";
  std::string out =
      fmt::format("{} edits of {} author{}, in the order of the file\n", session.edits.size(),
                  session.authors, session.authors == 1 ? "" : "s");
  out += fmt::format(columns, "strategy", "edits", "accepted", "refused at first", "retried",
                     "merged", "elsewhere", "rejected", "ends as recorded");
  for (const auto& one : results) {
    out += fmt::format(columns, one.strategy, one.edits, one.accepted, one.refused_at_first,
                       one.retried, one.merged, one.elsewhere, one.rejected,
                       one.error.empty() ? (one.ends_as_recorded ? "yes" : "no") : one.error);
  }
  out +=
      "\nelsewhere: at another place than its author meant, as the edits before it had moved the "
      "text\n";
  const auto strict = std::find_if(results.begin(), results.end(), [](const trace_result& one) {
    return one.strategy == "optimistic";
  });
  if (strict != results.end() && strict->edits > 0) {
    out += fmt::format(
        "\nA check of the whole text's version refuses {} of {} edits at first ({:.1f} %); "
        "merging refuses none.\n",
        strict->refused_at_first, strict->edits,
        100.0 * static_cast<double>(strict->refused_at_first) / static_cast<double>(strict->edits));
  }
  return out;
}

/// Protected strategies end as recorded; the single writer takes positions as they come and may not.
bool is_good(const trace_result& one) {
  return one.error.empty() && (one.ends_as_recorded || one.strategy == "single-writer");
}

} // namespace

int run_trace(const std::string& file, bool json, const std::string& csv,
              const std::function<bool()>& interrupted) {
  trace_session session;
  std::string problem;
  if (!read_trace(file, session, problem)) {
    std::cerr << "compare trace: " << problem << std::endl;
    return 2;
  }
  const auto results = run_session(session, interrupted);
  if (json && !write_text("-", trace_json(results))) return 2;
  if (!csv.empty() && !write_text(csv, trace_csv(results))) return 2;
  if (!json && csv != "-" && !write_text("-", trace_table(session, results))) return 2;
  if (interrupted && interrupted()) return exit_interrupted;
  return std::all_of(results.begin(), results.end(), is_good) ? 0 : 1;
}

} // namespace cairn::compare
