#include <cairn/json.hpp>

#include "compare/report/output.hpp"

#include <boost/mp11/algorithm.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <type_traits>

namespace cairn::compare {

namespace {

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
void add_names(std::string& line) {
  boost::mp11::mp_for_each<members_of<T>>(
      [&](auto member) { line += fmt::format(",{}", member.name); });
}

/// Text in quotes where it needs them (RFC 4180).
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

template <class T>
void add_values(std::string& line, const T& from) {
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    const auto& value = from.*member.pointer;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>) {
      line += "," + quoted(value);
    } else {
      line += fmt::format(",{}", value);
    }
  });
}

} // namespace

std::string to_json(const report& shown) {
  std::string out;
  json::problem wrong;
  // Every figure is a quotient with a denominator that was looked at; one that is no number is a mistake.
  if (!json::encode(out, shown, wrong)) throw std::logic_error("report: " + wrong.text());
  return out + "\n";
}

std::string to_csv(const report& shown) {
  std::string out = "strategy,simulated,repetition";
  add_names<workload>(out);
  add_names<figures>(out);
  out += ",error\n";
  for (const auto& one : shown.cells) {
    std::size_t repetition = 0;
    const auto add_line = [&](const figures& of) {
      out += fmt::format("{},{},{}", one.strategy, one.simulated ? 1 : 0, ++repetition);
      add_values(out, one.load);
      add_values(out, of);
      out += "," + quoted(one.error) + "\n";
    };
    for (const auto& each : one.repetitions) add_line(each);
    if (one.repetitions.empty()) add_line({});
  }
  return out;
}

} // namespace cairn::compare
