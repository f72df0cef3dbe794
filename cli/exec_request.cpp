#include "cli/exec_request.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace cairn::cli {

namespace {

namespace bj = boost::json;
using names = std::span<const std::string_view>;

/// A page of `list` or `history` has at most so many rows.
constexpr std::uint64_t limit_max = 10'000;

bool refuse(json::problem& wrong, std::string_view path, std::string message) {
  wrong = {std::string(path), std::move(message)};
  return false;
}

bool expected(json::problem& wrong, std::string_view path, const std::string& what,
              const bj::value& found) {
  return refuse(wrong, path, "expected " + what + ", found " + json::describe(found));
}

/// Null when the member is absent or `null`.
const bj::value* find(const bj::object& line, std::string_view name) {
  const auto* value = line.if_contains(bj::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool read_text(const bj::value& value, std::string_view path, std::string_view& out,
               json::problem& wrong) {
  const auto* text = value.if_string();
  if (text == nullptr) return expected(wrong, path, "string", value);
  out = {text->data(), text->size()};
  return true;
}

bool optional_text(const bj::object& line, std::string_view name, std::string_view& out,
                   json::problem& wrong) {
  const auto* value = find(line, name);
  return value == nullptr || read_text(*value, name, out, wrong);
}

bool required_text(const bj::object& line, std::string_view name, std::string_view& out,
                   json::problem& wrong) {
  const auto* value = find(line, name);
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

bool optional_number(const bj::object& line, std::string_view name, std::uint64_t low,
                     std::uint64_t high, std::uint64_t& out, json::problem& wrong) {
  const auto* value = find(line, name);
  return value == nullptr || read_number(*value, name, low, high, out, wrong);
}

std::string listed(names all) {
  std::string text;
  for (const auto name : all) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string known_types(const session& known) {
  std::string text;
  for (const auto* type : known.types) text.append(text.empty() ? "" : ", ").append(type->name);
  return text;
}

bool find_type(const session& known, std::string_view name, std::string_view path,
               exec_request& request, json::problem& wrong) {
  request.type = known.find_type(name);
  return request.type != nullptr ||
         refuse(wrong, path,
                "unknown type, found " + json::describe(bj::string_view(name.data(), name.size())) +
                    "; this program has: " + known_types(known));
}

bool decode_entity(const bj::object& line, const session& known, exec_request& request,
                   json::problem& wrong) {
  std::string_view key;
  if (!required_text(line, "entity", key, wrong)) return false;
  if (auto problem = entity_key_problem(key); !problem.empty()) {
    return refuse(wrong, "entity", std::move(problem));
  }
  request.entity = key;
  return find_type(known, type_of(key), "entity", request, wrong);
}

bool decode_expectation(const bj::value& value, expectation& out, json::problem& wrong) {
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

bool decode_meta(const bj::value& value, metadata& out, json::problem& wrong) {
  const auto* object = value.if_object();
  if (object == nullptr) return expected(wrong, "meta", "object of strings", value);
  for (const auto& member : *object) {
    std::string name(member.key().data(), member.key().size());
    std::string_view text;
    if (!read_text(member.value(), name, text, wrong)) {
      wrong.under("meta");
      return false;
    }
    out.emplace_back(std::move(name), text);
  }
  return true;
}

bool decode_sending(const bj::object& line, exec_request& request, json::problem& wrong) {
  const auto* expect = find(line, "expect");
  const auto* meta = find(line, "meta");
  const auto* id = find(line, "id");
  std::string_view text;
  if (expect != nullptr && !decode_expectation(*expect, request.expected, wrong)) return false;
  if (id != nullptr) {
    if (!read_text(*id, "id", text, wrong)) return false;
    if (text.empty()) return refuse(wrong, "id", "a command id is not empty");
    request.options.id = text;
  }
  return meta == nullptr || decode_meta(*meta, request.options.meta, wrong);
}

bool decode_send(const bj::object& line, const session& known, exec_request& request,
                 json::problem& wrong) {
  request.arguments = find(line, "args");
  return decode_entity(line, known, request, wrong) &&
         required_text(line, "command", request.command, wrong) &&
         decode_sending(line, request, wrong);
}

bool decode_remove(const bj::object& line, const session& known, exec_request& request,
                   json::problem& wrong) {
  return decode_entity(line, known, request, wrong) && decode_sending(line, request, wrong);
}

bool decode_read(const bj::object& line, const session& known, exec_request& request,
                 json::problem& wrong) {
  const auto* version = find(line, "version");
  return decode_entity(line, known, request, wrong) &&
         (version == nullptr ||
          read_number(*version, "version", 0, version_max, request.version.emplace(), wrong));
}

bool decode_history(const bj::object& line, const session& known, exec_request& request,
                    json::problem& wrong) {
  return decode_entity(line, known, request, wrong) &&
         optional_number(line, "from", 0, version_max, request.from, wrong) &&
         optional_number(line, "limit", 1, limit_max, request.limit, wrong);
}

bool decode_list(const bj::object& line, const session& known, exec_request& request,
                 json::problem& wrong) {
  std::string_view type;
  return required_text(line, "type", type, wrong) &&
         find_type(known, type, "type", request, wrong) &&
         optional_text(line, "after", request.after, wrong) &&
         optional_number(line, "limit", 1, limit_max, request.limit, wrong);
}

struct verb_form {
  std::string_view name;
  exec_request::verb what;
  names fields;
  bool (*decode)(const bj::object&, const session&, exec_request&, json::problem&);
};

constexpr std::string_view send_fields[] = {"ref",  "do",     "entity", "command",
                                            "args", "expect", "id",     "meta"};
constexpr std::string_view remove_fields[] = {"ref", "do", "entity", "expect", "id", "meta"};
constexpr std::string_view read_fields[] = {"ref", "do", "entity", "version"};
constexpr std::string_view history_fields[] = {"ref", "do", "entity", "from", "limit"};
constexpr std::string_view list_fields[] = {"ref", "do", "type", "after", "limit"};

constexpr std::array verbs{
    verb_form{"send", exec_request::verb::send, send_fields, &decode_send},
    verb_form{"remove", exec_request::verb::remove, remove_fields, &decode_remove},
    verb_form{"read", exec_request::verb::read, read_fields, &decode_read},
    verb_form{"history", exec_request::verb::history, history_fields, &decode_history},
    verb_form{"list", exec_request::verb::list, list_fields, &decode_list},
};

const verb_form* find_verb(const bj::object& line, json::problem& wrong) {
  std::string_view name;
  if (!required_text(line, "do", name, wrong)) return nullptr;
  for (const auto& form : verbs) {
    if (form.name == name) return &form;
  }
  std::array<std::string_view, verbs.size()> all;
  for (std::size_t i = 0; i < verbs.size(); ++i) all[i] = verbs[i].name;
  refuse(
      wrong, "do",
      "unknown verb, found " + json::describe(line.at("do")) + "; the verbs are: " + listed(all));
  return nullptr;
}

/// A misspelt field comes before what it would have been missing as.
bool check_fields(const bj::object& line, const verb_form& form, json::problem& wrong) {
  for (const auto& member : line) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(form.fields.begin(), form.fields.end(), name) == form.fields.end()) {
      return refuse(wrong, name,
                    "unknown field; the fields of " + std::string(form.name) +
                        " are: " + listed(form.fields));
    }
  }
  return true;
}

} // namespace

bool decode_request(const bj::value& line, const session& known, exec_request& request,
                    json::problem& wrong) {
  const auto* object = line.if_object();
  if (object == nullptr) return expected(wrong, "", "object", line);
  const auto* form = find_verb(*object, wrong);
  if (form == nullptr || !check_fields(*object, *form, wrong)) return false;
  request.what = form->what;
  return form->decode(*object, known, request, wrong);
}

} // namespace cairn::cli
