#include "cli/journal/conflicts_report.hpp"

#include <cairn/clock.hpp>
#include <cairn/entity.hpp>
#include <cairn/journal.hpp>

#include "cli/journal/tools.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace cairn::cli {

namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

/// Each is a multiple of the one before, so that pieces can be put together. What is longer is twice as long.
constexpr std::int64_t piece_seconds[] = {1, 10, 60, 600, 3'600, 21'600, 86'400, 604'800};

std::int64_t longer_than(std::int64_t length) noexcept {
  const auto* const found =
      std::upper_bound(std::begin(piece_seconds), std::end(piece_seconds), length);
  return found == std::end(piece_seconds) ? 2 * length : *found;
}

constexpr std::int64_t pieces_max = 24;

std::int64_t piece_of(std::int64_t number, std::int64_t length) noexcept {
  return number / length - (number % length < 0 ? 1 : 0);
}

/// The `top` most contended, conflicts first; of equal ones by name.
std::vector<conflicts_report::row> ranked(
    const std::unordered_map<std::string, refusal_count>& counts, std::size_t top) {
  std::vector<conflicts_report::row> rows(counts.begin(), counts.end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    if (a.second.conflicts != b.second.conflicts) return a.second.conflicts > b.second.conflicts;
    if (a.second.rejected != b.second.rejected) return a.second.rejected > b.second.rejected;
    return a.first < b.first;
  });
  if (rows.size() > top) rows.resize(top);
  return rows;
}

std::string count_json(const refusal_count& count) {
  return "\"conflicts\":" + std::to_string(count.conflicts) +
         ",\"rejected\":" + std::to_string(count.rejected);
}

/// `"name":[{…},…]`, the members that name a row by `name_json`.
template <class Rows, class Name>
std::string list_json(const char* name, const Rows& rows, Name name_json) {
  std::string out = ",\"" + std::string(name) + "\":[";
  for (const auto& [what, count] : rows) {
    out.append(out.back() == '[' ? "{" : ",{").append(name_json(what));
    out += ',' + count_json(count) + '}';
  }
  return out + ']';
}

/// Names a command or aspect of a type.
auto part_json(const char* part) {
  return [part](const std::string& name) {
    return "\"type\":" + json_text(type_of(name)) + ",\"" + part + "\":" + json_text(id_of(name));
  };
}

std::string padded_number(std::uint64_t number) {
  constexpr std::size_t width = 11;
  const auto text = with_commas(number);
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

std::string text_row(const refusal_count& count, const std::string& name) {
  return padded_number(count.conflicts) + padded_number(count.rejected) + "  " + printable(name) +
         '\n';
}

std::string text_table(const char* title, const std::vector<conflicts_report::row>& rows,
                       const char* nameless) {
  if (rows.empty()) return {};
  std::string out = std::string("\n  conflicts   rejected  ") + title + '\n';
  for (const auto& [name, count] : rows) out += text_row(count, name.empty() ? nameless : name);
  return out;
}

std::string length_text(std::uint64_t seconds) {
  const auto of = [](std::uint64_t number, const char* unit) {
    return (number == 1 ? std::string() : std::to_string(number) + ' ') + unit +
           (number == 1 ? "" : "s");
  };
  if (seconds % 86'400 == 0) return of(seconds / 86'400, "day");
  if (seconds % 3'600 == 0) return of(seconds / 3'600, "hour");
  if (seconds % 60 == 0) return of(seconds / 60, "minute");
  return of(seconds, "second");
}

} // namespace

void refusals_over_time::add(const refusal& refused) {
  const auto second = piece_of(refused.time_us, micros_per_second);
  by_number_[piece_of(second, length_s_)].add(refused);
  while (covers_too_much()) coarsen();
}

bool refusals_over_time::covers_too_much() const noexcept {
  return by_number_.rbegin()->first - by_number_.begin()->first >= pieces_max;
}

void refusals_over_time::coarsen() {
  const auto longer = longer_than(length_s_);
  const auto times = longer / length_s_;
  std::map<std::int64_t, refusal_count> coarser;
  for (const auto& [number, count] : by_number_) coarser[piece_of(number, times)].add(count);
  by_number_ = std::move(coarser);
  length_s_ = longer;
}

std::vector<refusals_over_time::piece> refusals_over_time::pieces() const {
  std::vector<piece> all;
  if (by_number_.empty()) return all;
  const std::chrono::microseconds length = std::chrono::seconds(length_s_);
  for (auto number = by_number_.begin()->first; number <= by_number_.rbegin()->first; ++number) {
    const auto found = by_number_.find(number);
    all.push_back({detail::multiplied(length, number).count(),
                   found == by_number_.end() ? refusal_count() : found->second});
  }
  return all;
}

std::uint64_t refusals_over_time::seconds() const noexcept {
  return static_cast<std::uint64_t>(length_s_);
}

void conflicts_report::add(const refusal& refused) {
  const bool is_first = all_.conflicts + all_.rejected == 0;
  first_us_ = is_first ? refused.time_us : std::min(first_us_, refused.time_us);
  last_us_ = is_first ? refused.time_us : std::max(last_us_, refused.time_us);
  all_.add(refused);
  if (refused.conflict) kinds_[std::string(to_string(*refused.conflict))].add(refused);
  entities_[refused.entity].add(refused);
  const auto of_type = [type = type_of(refused.entity)](std::string_view part) {
    return std::string(type).append("/").append(part);
  };
  commands_[of_type(refused.command)].add(refused);
  for (const auto& aspect : refused.aspects) aspects_[of_type(aspect)].add(refused);
  clients_[refused.client].add(refused);
  over_time_.add(refused);
}

std::string conflicts_report::as_json(std::size_t top) const {
  const bool none = all_.conflicts + all_.rejected == 0;
  std::string out = "{" + count_json(all_);
  out += ",\"first_time\":" + (none ? std::string("null") : json_text(iso_time(first_us_)));
  out += ",\"last_time\":" + (none ? std::string("null") : json_text(iso_time(last_us_)));
  out += ",\"kinds\":{";
  for (const auto& [kind, count] : ranked(kinds_, kinds_.size())) {
    out.append(out.back() == '{' ? "" : ",").append(json_text(kind));
    out += ':' + std::to_string(count.conflicts);
  }
  out += '}';
  out += list_json("entities", ranked(entities_, top),
                   [](const std::string& name) { return "\"entity\":" + json_text(name); });
  out += list_json("commands", ranked(commands_, top), part_json("command"));
  out += list_json("aspects", ranked(aspects_, top), part_json("aspect"));
  out += list_json("clients", ranked(clients_, top), [](const std::string& name) {
    return "\"client\":" + (name.empty() ? "null" : json_text(name));
  });
  out += ",\"over_time_s\":" + std::to_string(over_time_.seconds());
  std::vector<std::pair<std::int64_t, refusal_count>> pieces;
  for (const auto& piece : over_time_.pieces()) pieces.emplace_back(piece.from_us, piece.count);
  out += list_json("over_time", pieces,
                   [](std::int64_t from_us) { return "\"from\":" + json_text(iso_time(from_us)); });
  return out + "}";
}

std::string conflicts_report::as_text(std::size_t top) const {
  if (all_.conflicts + all_.rejected == 0) return "nothing was refused\n";
  std::string out = with_commas(all_.conflicts) +
                    (all_.conflicts == 1 ? " conflict, " : " conflicts, ") +
                    with_commas(all_.rejected) + " rejected, from " + iso_time(first_us_) + " to " +
                    iso_time(last_us_) + '\n';
  for (const auto& [kind, count] : ranked(kinds_, kinds_.size()))
    out += padded_number(count.conflicts) + "  " + kind + '\n';
  out += text_table("entity", ranked(entities_, top), "");
  out += text_table("command", ranked(commands_, top), "");
  out += text_table("aspect", ranked(aspects_, top), "");
  out += text_table("client", ranked(clients_, top), "(without a principal)");
  out += "\n  conflicts   rejected  from, per " + length_text(over_time_.seconds()) + '\n';
  for (const auto& piece : over_time_.pieces())
    out += text_row(piece.count, iso_time(piece.from_us));
  return out;
}

} // namespace cairn::cli
