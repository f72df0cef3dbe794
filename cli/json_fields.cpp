#include "cli/json_fields.hpp"

#include <algorithm>

namespace cairn::cli {

namespace bj = boost::json;

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

} // namespace cairn::cli
