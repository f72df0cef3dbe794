#include "protocol/fields.hpp"

#include <algorithm>
#include <utility>

namespace cairn::protocol {

namespace bj = boost::json;

namespace {

std::string names_of(known_types known) {
  std::string text;
  for (const auto* type : known) text.append(text.empty() ? "" : ", ").append(type->name);
  return text;
}

bool read_expectation(const bj::value& value, expectation& out, json::problem& wrong) {
  using kind = expectation::kind;
  if (const auto* text = value.if_string()) {
    if (*text == "any") return out = {}, true;
    if (*text == "absent") return out = {kind::absent}, true;
    if (*text == "exists") return out = {kind::exists}, true;
  }
  const auto* object = value.if_object();
  if (object == nullptr) {
    return expected(wrong, "expect", R"("any", "absent", "exists" or {"at":N})", value);
  }
  for (const auto& member : *object) {
    if (member.key() != "at") {
      wrong = {std::string(member.key().data(), member.key().size()),
               "unknown field; the fields are: at"};
      wrong.under("expect");
      return false;
    }
  }
  std::uint64_t version = 0;
  const auto* at = object->if_contains("at");
  if (at == nullptr) return refuse(wrong, "expect.at", "is missing");
  if (!read_number(*at, "expect.at", 0, version_max, version, wrong)) return false;
  out = {kind::at, version};
  return true;
}

bool read_shown(const bj::value& value, conflict_shows& show, json::problem& wrong) {
  const auto* name = value.if_string();
  if (name != nullptr && *name == "missed") return show.missed = true;
  if (name != nullptr && *name == "paths") return show.paths = true;
  if (name != nullptr && *name == "state") return show.state = true;
  return expected(wrong, "", R"("missed", "paths" or "state")", value);
}

} // namespace

bool refuse(json::problem& wrong, std::string_view path, std::string message) {
  wrong = {std::string(path), std::move(message)};
  return false;
}

bool expected(json::problem& wrong, std::string_view path, const std::string& what,
              const bj::value& found) {
  return refuse(wrong, path, "expected " + what + ", found " + json::describe(found));
}

const bj::value* find_field(const bj::object& in, std::string_view name) {
  const auto* value = in.if_contains(bj::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool check_fields(const bj::object& in, std::string_view what, field_names known,
                  json::problem& wrong) {
  for (const auto& member : in) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refuse(wrong, name,
                    "unknown field; the fields of " + std::string(what) + " are: " + listed(known));
    }
  }
  return true;
}

bool read_text(const bj::value& value, std::string_view path, std::string_view& out,
               json::problem& wrong) {
  const auto* text = value.if_string();
  if (text == nullptr) return expected(wrong, path, "string", value);
  out = {text->data(), text->size()};
  return true;
}

bool optional_text(const bj::object& in, std::string_view name, std::string_view& out,
                   json::problem& wrong) {
  const auto* value = find_field(in, name);
  return value == nullptr || read_text(*value, name, out, wrong);
}

bool required_text(const bj::object& in, std::string_view name, std::string_view& out,
                   json::problem& wrong) {
  const auto* value = find_field(in, name);
  return value == nullptr ? refuse(wrong, name, "is missing") : read_text(*value, name, out, wrong);
}

bool read_number(const bj::value& value, std::string_view path, std::uint64_t low,
                 std::uint64_t high, std::uint64_t& out, json::problem& wrong) {
  const auto* small = value.if_int64();
  const auto* large = value.if_uint64();
  if (small == nullptr && large == nullptr) return expected(wrong, path, "integer", value);
  const bool negative = small != nullptr && *small < 0;
  out = large != nullptr ? *large : static_cast<std::uint64_t>(*small);
  return (!negative && out >= low && out <= high) ||
         expected(wrong, path,
                  "integer from " + std::to_string(low) + " to " + std::to_string(high), value);
}

bool optional_number(const bj::object& in, std::string_view name, std::uint64_t low,
                     std::uint64_t high, std::uint64_t& out, json::problem& wrong) {
  const auto* value = find_field(in, name);
  return value == nullptr || read_number(*value, name, low, high, out, wrong);
}

bool required_number(const bj::object& in, std::string_view name, std::uint64_t low,
                     std::uint64_t high, std::uint64_t& out, json::problem& wrong) {
  const auto* value = find_field(in, name);
  return value == nullptr ? refuse(wrong, name, "is missing")
                          : read_number(*value, name, low, high, out, wrong);
}

bool optional_flag(const bj::object& in, std::string_view name, bool& out, json::problem& wrong) {
  const auto* value = find_field(in, name);
  if (value == nullptr) return true;
  const auto* flag = value->if_bool();
  if (flag == nullptr) return expected(wrong, name, "true or false", *value);
  out = *flag;
  return true;
}

const bj::array* required_list(const bj::object& in, std::string_view name, json::problem& wrong) {
  const auto* value = find_field(in, name);
  if (value == nullptr) return refuse(wrong, name, "is missing"), nullptr;
  const auto* list = value->if_array();
  if (list == nullptr) return expected(wrong, name, "array", *value), nullptr;
  if (list->empty()) return refuse(wrong, name, "is empty"), nullptr;
  return list;
}

std::string listed(field_names all) {
  std::string text;
  for (const auto name : all) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

bool find_type(known_types known, std::string_view name, std::string_view path,
               const entity_type*& type, json::problem& wrong) {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const entity_type* each) { return each->name == name; });
  type = found == known.end() ? nullptr : *found;
  return type != nullptr ||
         refuse(wrong, path,
                "unknown type, found " + json::describe(bj::string_view(name.data(), name.size())) +
                    "; this program has: " + names_of(known));
}

bool read_key(std::string_view text, std::string_view path, known_types known, std::string& key,
              const entity_type*& type, json::problem& wrong) {
  if (auto problem = entity_key_problem(text); !problem.empty()) {
    return refuse(wrong, path, std::move(problem));
  }
  key = text;
  return find_type(known, type_of(key), path, type, wrong);
}

bool optional_expectation(const bj::object& in, expectation& out, json::problem& wrong) {
  const auto* expect = find_field(in, "expect");
  return expect == nullptr || read_expectation(*expect, out, wrong);
}

bool optional_lease(const bj::object& in, std::string& token, json::problem& wrong) {
  const auto* lease = find_field(in, "lease");
  std::string_view text;
  if (lease == nullptr) return true;
  if (!read_text(*lease, "lease", text, wrong)) return false;
  if (text.empty()) return refuse(wrong, "lease", "a token is not empty");
  token = text;
  return true;
}

bool optional_meta(const bj::object& in, metadata& out, json::problem& wrong) {
  const auto* value = find_field(in, "meta");
  if (value == nullptr) return true;
  const auto* object = value->if_object();
  if (object == nullptr) return expected(wrong, "meta", "object of strings", *value);
  const std::size_t given = out.size();
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    std::string_view text;
    bool good = read_text(member.value(), name, text, wrong);
    const auto end = out.begin() + static_cast<std::ptrdiff_t>(given);
    const auto same =
        std::find_if(out.begin(), end, [&](const auto& each) { return each.first == name; });
    if (good && same == end) {
      out.emplace_back(name, text);
    } else if (good && same->second != text) {
      good = refuse(wrong, name, "is not for a request to say: the connection has another");
    }
    if (!good) {
      wrong.under("meta");
      return false;
    }
  }
  return true;
}

bool optional_id(const bj::object& in, std::string& id, json::problem& wrong) {
  const auto* value = find_field(in, "id");
  std::string_view text;
  if (value == nullptr) return true;
  if (!read_text(*value, "id", text, wrong)) return false;
  if (text.empty()) return refuse(wrong, "id", "a command id is not empty");
  if (text.size() > command_id_bytes_max) {
    return refuse(wrong, "id",
                  "a command id has up to " + std::to_string(command_id_bytes_max) + " bytes");
  }
  id = text;
  return true;
}

bool optional_show(const bj::object& in, conflict_shows& show, json::problem& wrong) {
  const auto* value = find_field(in, "show");
  if (value == nullptr) return true;
  const auto* names = value->if_array();
  if (names == nullptr) return expected(wrong, "show", "array", *value);
  for (std::size_t i = 0; i < names->size(); ++i) {
    if (!read_shown((*names)[i], show, wrong)) {
      wrong.under(i);
      wrong.under("show");
      return false;
    }
  }
  return true;
}

} // namespace cairn::protocol
