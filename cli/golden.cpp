#include "cli/golden.hpp"

#include <cairn/testing.hpp>

#include "cli/journal/tools.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

namespace cairn::cli {

namespace {

std::string as_json(const golden_difference& difference) {
  std::string out = "{";
  const std::pair<const char*, const std::string*> members[] = {
      {"type", &difference.type}, {"what", &difference.what}, {"was", &difference.was},
      {"is", &difference.is},     {"cure", &difference.cure}, {"advice", &difference.advice}};
  for (const auto& [name, text] : members) {
    out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(json_text(*text));
  }
  return out + '}';
}

/// The program says itself that they are gone.
void leave_out_retired(std::vector<golden_difference>& found, const session& session) {
  std::erase_if(found, [&](const golden_difference& each) {
    return each.what == "type" && each.is.empty() &&
           std::any_of(session.retired.begin(), session.retired.end(),
                       [&](const auto* type) { return type->name == each.type; });
  });
}

} // namespace

int write_golden(const CLI::App* command, const session& session, const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  if (!(out << golden_text(session.types) << std::flush)) {
    complain(command, file + ": cannot be written");
    return exit_not_started;
  }
  return exit_good;
}

int check_golden(const CLI::App* command, const session& session, const std::string& file,
                 bool as_json) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  std::vector<golden_difference> found;
  json::problem wrong{"", "cannot be read"};
  if (!in || !(text << in.rdbuf()) || !compare_golden(text.str(), session.types, found, wrong)) {
    complain(command, file + ": " + wrong.text());
    return exit_not_started;
  }
  leave_out_retired(found, session);
  for (const auto& each : found) {
    std::cout << (as_json ? cli::as_json(each) : each.text()) << '\n';
  }
  std::cout.flush();
  if (!std::cout.good()) return exit_not_started;
  return found.empty() ? exit_good : exit_refused;
}

} // namespace cairn::cli
