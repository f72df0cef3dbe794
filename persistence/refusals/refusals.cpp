#include <cairn/detail/change.hpp>
#include <cairn/detail/tools/refusals.hpp>
#include <cairn/json.hpp>

#include "entities/text.hpp"
#include "persistence/refusals/refusal_log.hpp"

#include <boost/json/value.hpp>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace cairn {

namespace {

using persistence::older_refusals_path;
using persistence::read_dropped_json;
using persistence::refusals_path;

namespace bj = boost::json;
namespace fs = std::filesystem;

/// Enough to know who and why; more would only take room from other lines.
constexpr std::size_t text_bytes_max = 256;

constexpr conflict_kind kinds[] = {conflict_kind::stale,   conflict_kind::ahead,
                                   conflict_kind::exists,  conflict_kind::absent,
                                   conflict_kind::deleted, conflict_kind::leased};

void write_any_text(std::string& out, std::string_view text) {
  if (!json::write_string(out, text)) {
    json::write_string(out, text_for_people(std::string(text)));
  }
}

void write_cut(std::string& out, std::string_view text) {
  std::string shown(text);
  cut_text(shown, text_bytes_max);
  write_any_text(out, shown);
}

std::string_view text_of(const bj::object& line, std::string_view name) {
  const auto* value = line.if_contains({name.data(), name.size()});
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

std::optional<version_type> version_of(const bj::value* value) {
  const auto* small = value == nullptr ? nullptr : value->if_int64();
  const auto* large = value == nullptr ? nullptr : value->if_uint64();
  if (large != nullptr) {
    return *large;
  }
  return small != nullptr && *small >= 0 ? std::optional<version_type>(*small) : std::nullopt;
}

expectation expectation_of(const bj::object& line) {
  using kind = expectation::kind;
  if (const auto version = version_of(line.if_contains("expected"))) {
    return {kind::at, *version};
  }
  const auto name = text_of(line, "expected");
  return name == "absent" ? kind::absent : name == "exists" ? kind::exists : kind::any;
}

std::vector<std::string> aspects_of(const bj::object& line) {
  std::vector<std::string> names;
  const auto* value = line.if_contains("aspects");
  if (const auto* list = value == nullptr ? nullptr : value->if_array()) {
    for (const auto& name : *list) {
      if (const auto* text = name.if_string()) {
        names.emplace_back(text->data(), text->size());
      }
    }
  }
  return names;
}

struct closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, closer>;

/// Null without an error: there is none.
open_file open_to_read(const fs::path& path, status& failure) {
  open_file file(std::fopen(path.c_str(), "rbe"));
  if (!file && errno != ENOENT) {
    failure = {journal_errc::cannot_open,
               path.string() + ": " + std::generic_category().message(errno)};
  }
  return file;
}

bool are_same(std::FILE* a, std::FILE* b) {
  struct stat of_a {};
  struct stat of_b {};
  return ::fstat(::fileno(a), &of_a) == 0 && ::fstat(::fileno(b), &of_b) == 0 &&
         of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/// Both files as they stood together: a live program may rename the one to the other in between.
status open_both(const fs::path& directory, open_file& current, open_file& older) {
  status failure;
  do {
    current = open_to_read(refusals_path(directory), failure);
    older = open_to_read(older_refusals_path(directory), failure);
  } while (failure.ok() && current && older && are_same(current.get(), older.get()));
  return failure;
}

status read_lines(std::FILE* file, const fs::path& path,
                  const std::function<void(const refusal&)>& visit,
                  std::vector<std::string>& notices) {
  char* held = nullptr;
  std::size_t room = 0;
  std::size_t number = 0;
  std::size_t first = 0;
  std::size_t broken = 0;
  std::uint64_t dropped = 0;
  for (ssize_t bytes = 0; (bytes = ::getline(&held, &room, file)) >= 0;) {
    ++number;
    std::string_view line(held, static_cast<std::size_t>(bytes));
    if (line.ends_with('\n')) {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      continue; // written behind a line that was cut short
    }
    if (const auto found = read_refusal_json(line)) {
      visit(*found);
    } else if (const auto missing = read_dropped_json(line); missing > 0) {
      dropped += missing;
    } else if (broken++ == 0) {
      first = number;
    }
  }
  std::free(held);
  if (std::ferror(file) != 0) {
    return {journal_errc::cannot_open, path.string() + " cannot be read on"};
  }
  if (broken > 0) {
    notices.push_back(path.string() + ": passed over " + std::to_string(broken) +
                      (broken == 1 ? " line" : " lines") +
                      " that a crash may have cut short, the first is line " +
                      std::to_string(first));
  }
  if (dropped > 0) {
    notices.push_back(path.string() + ": " + std::to_string(dropped) +
                      (dropped == 1 ? " refusal is" : " refusals are") +
                      " missing, which came faster than the log could be written");
  }
  return {};
}

} // namespace

namespace persistence {

void write_dropped_json(std::string& out, std::int64_t time_us, std::uint64_t dropped) {
  out += "{\"time\":";
  write_any_text(out, iso_time(time_us));
  out += ",\"dropped\":";
  json::write_unsigned(out, dropped);
  out += '}';
}

std::uint64_t read_dropped_json(std::string_view line) {
  bj::value value;
  json::problem wrong;
  if (!json::parse(line, value, wrong) || !value.is_object()) {
    return 0;
  }
  return version_of(value.get_object().if_contains("dropped")).value_or(0);
}

} // namespace persistence

void write_refusal_json(std::string& out, const refusal& shown) {
  out += "{\"time\":";
  write_any_text(out, iso_time(shown.time_us));
  out += ",\"entity\":";
  write_any_text(out, shown.entity);
  out += ",\"command\":";
  write_any_text(out, shown.command);
  if (shown.conflict) {
    out.append(",\"outcome\":\"conflict\",\"kind\":\"").append(to_string(*shown.conflict));
    out += '"';
  } else {
    out += ",\"outcome\":\"rejected\"";
  }
  out += ",\"expected\":";
  write_expectation_json(out, shown.expected);
  out += ",\"actual\":";
  json::write_unsigned(out, shown.actual);
  if (!shown.aspects.empty()) {
    for (const auto& name : shown.aspects) {
      out += &name == &shown.aspects.front() ? ",\"aspects\":[" : ",";
      write_any_text(out, name);
    }
    out += ']';
  }
  if (!shown.client.empty()) {
    out += ",\"client\":";
    write_cut(out, shown.client);
  }
  if (!shown.conflict) {
    out += ",\"reason\":";
    write_cut(out, shown.reason);
  }
  out += '}';
}

std::optional<refusal> read_refusal_json(std::string_view line) {
  bj::value value;
  json::problem wrong;
  if (!json::parse(line, value, wrong) || !value.is_object()) {
    return std::nullopt;
  }
  const auto& members = value.get_object();
  const auto time_us = parse_iso_time(text_of(members, "time"));
  const auto actual = version_of(members.if_contains("actual"));
  const auto outcome = text_of(members, "outcome");
  if (!time_us || !actual || text_of(members, "entity").empty()) {
    return std::nullopt;
  }
  refusal found;
  found.time_us = *time_us;
  found.entity = text_of(members, "entity");
  found.command = text_of(members, "command");
  found.expected = expectation_of(members);
  found.actual = *actual;
  found.aspects = aspects_of(members);
  found.client = text_of(members, "client");
  found.reason = text_of(members, "reason");
  for (const auto kind : kinds) {
    if (outcome == "conflict" && to_string(kind) == text_of(members, "kind")) {
      found.conflict = kind;
    }
  }
  const bool known = found.conflict || outcome == "rejected";
  return known ? std::optional<refusal>(std::move(found)) : std::nullopt;
}

status read_refusals(const fs::path& directory, const std::function<void(const refusal&)>& visit,
                     bool& found, std::vector<std::string>& notices) {
  open_file current;
  open_file older;
  if (auto failure = open_both(directory, current, older); !failure.ok()) {
    return failure;
  }
  found = current || older;
  status read;
  if (older) {
    read = read_lines(older.get(), older_refusals_path(directory), visit, notices);
  }
  if (read.ok() && current) {
    read = read_lines(current.get(), refusals_path(directory), visit, notices);
  }
  return read;
}

} // namespace cairn
