#include "cli/exec_fields.hpp"

#include "cli/json_fields.hpp"

namespace cairn::cli {

namespace {

namespace bj = boost::json;

std::string known_types(const session& known) {
  std::string text;
  for (const auto* type : known.types) text.append(text.empty() ? "" : ", ").append(type->name);
  return text;
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

bool decode_shown(const bj::value& value, conflict_shows& show, json::problem& wrong) {
  const auto* name = value.if_string();
  if (name != nullptr && *name == "missed") return show.missed = true;
  if (name != nullptr && *name == "paths") return show.paths = true;
  if (name != nullptr && *name == "state") return show.state = true;
  return expected(wrong, "", R"("missed", "paths" or "state")", value);
}

} // namespace

bool find_type(const session& known, std::string_view name, std::string_view path,
               const entity_type*& type, json::problem& wrong) {
  type = known.find_type(name);
  return type != nullptr ||
         refuse(wrong, path,
                "unknown type, found " + json::describe(bj::string_view(name.data(), name.size())) +
                    "; this program has: " + known_types(known));
}

bool decode_entity(const bj::object& line, const session& known, exec_item& item,
                   json::problem& wrong) {
  std::string_view key;
  return required_text(line, "entity", key, wrong) && decode_key(key, "entity", known, item, wrong);
}

bool decode_key(std::string_view key, std::string_view path, const session& known, exec_item& item,
                json::problem& wrong) {
  if (auto problem = entity_key_problem(key); !problem.empty()) {
    return refuse(wrong, path, std::move(problem));
  }
  item.entity = key;
  return find_type(known, type_of(key), path, item.type, wrong);
}

bool decode_circumstances(const bj::object& line, exec_item& item, json::problem& wrong) {
  const auto* expect = find_field(line, "expect");
  return (expect == nullptr || decode_expectation(*expect, item.expected, wrong)) &&
         decode_lease(line, item, wrong);
}

bool decode_lease(const bj::object& line, exec_item& item, json::problem& wrong) {
  const auto* lease = find_field(line, "lease");
  std::string_view token;
  if (lease == nullptr) return true;
  if (!read_text(*lease, "lease", token, wrong)) return false;
  if (token.empty()) return refuse(wrong, "lease", "a token is not empty");
  item.lease = token;
  return true;
}

bool decode_meta(const bj::object& line, send_options& options, json::problem& wrong) {
  const auto* value = find_field(line, "meta");
  if (value == nullptr) return true;
  const auto* object = value->if_object();
  if (object == nullptr) return expected(wrong, "meta", "object of strings", *value);
  for (const auto& member : *object) {
    std::string name(member.key().data(), member.key().size());
    std::string_view text;
    if (!read_text(member.value(), name, text, wrong)) {
      wrong.under("meta");
      return false;
    }
    options.meta.emplace_back(std::move(name), text);
  }
  return true;
}

bool decode_cause(const bj::object& line, send_options& options, json::problem& wrong) {
  const auto* id = find_field(line, "id");
  std::string_view text;
  if (id != nullptr) {
    if (!read_text(*id, "id", text, wrong)) return false;
    if (text.empty()) return refuse(wrong, "id", "a command id is not empty");
    if (text.size() > command_id_bytes_max) {
      return refuse(wrong, "id",
                    "a command id has up to " + std::to_string(command_id_bytes_max) + " bytes");
    }
    options.id = text;
  }
  return decode_meta(line, options, wrong);
}

bool decode_show(const bj::object& line, send_options& options, json::problem& wrong) {
  const auto* value = find_field(line, "show");
  if (value == nullptr) return true;
  const auto* names = value->if_array();
  if (names == nullptr) return expected(wrong, "show", "array", *value);
  for (std::size_t i = 0; i < names->size(); ++i) {
    if (!decode_shown((*names)[i], options.show, wrong)) {
      wrong.under(i);
      wrong.under("show");
      return false;
    }
  }
  return true;
}

} // namespace cairn::cli
