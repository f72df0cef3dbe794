#include "protocol/request.hpp"

#include "protocol/fields.hpp"

#include <array>
#include <map>
#include <utility>

namespace cairn::protocol {

namespace {

namespace bj = boost::json;

/// A page of `list` or `history` has at most so many rows.
constexpr std::uint64_t limit_max = 10'000;

bool decode_entity(const bj::object& from, known_types known, requested_item& item,
                   json::problem& wrong) {
  std::string_view text;
  return required_text(from, "entity", text, wrong) &&
         read_key(text, "entity", known, item.entity, item.type, wrong);
}

/// What a command says of the entity that it goes to.
bool decode_circumstances(const bj::object& from, requested_item& item, json::problem& wrong) {
  return optional_expectation(from, item.expected, wrong) &&
         optional_lease(from, item.lease, wrong);
}

bool decode_cause(const bj::object& line, send_options& options, json::problem& wrong) {
  return optional_id(line, options.id, wrong) && optional_meta(line, options.meta, wrong);
}

bool decode_sending(const bj::object& line, decoded_request& request, json::problem& wrong) {
  return decode_circumstances(line, request, wrong) && decode_cause(line, request.options, wrong) &&
         optional_show(line, request.options.show, wrong);
}

bool decode_send(const bj::object& line, known_types known, decoded_request& request,
                 json::problem& wrong) {
  request.arguments = find_field(line, "args");
  return decode_entity(line, known, request, wrong) &&
         required_text(line, "command", request.command, wrong) &&
         decode_sending(line, request, wrong);
}

bool decode_remove(const bj::object& line, known_types known, decoded_request& request,
                   json::problem& wrong) {
  request.removes = true;
  return decode_entity(line, known, request, wrong) && decode_sending(line, request, wrong);
}

bool decode_read(const bj::object& line, known_types known, decoded_request& request,
                 json::problem& wrong) {
  const auto* version = find_field(line, "version");
  return decode_entity(line, known, request, wrong) &&
         (version == nullptr ||
          read_number(*version, "version", 0, version_max, request.version.emplace(), wrong));
}

constexpr std::string_view resume_fields[] = {"position", "lineage"};

bool decode_resume(const bj::object& from, resume_token& token, json::problem& wrong) {
  std::string_view text;
  if (!check_fields(from, "from", resume_fields, wrong) ||
      !required_number(from, "position", 0, version_max, token.position, wrong) ||
      !required_text(from, "lineage", text, wrong)) {
    return false;
  }
  const auto of = parse_lineage(text);
  token.lineage = of.value_or(lineage{});
  return of || refuse(wrong, "lineage", "expected 32 hexadecimal digits");
}

/// A version of the entity, or a place in the journal of a lineage.
bool decode_from(const bj::object& line, decoded_request& request, json::problem& wrong) {
  const auto* from = find_field(line, "from");
  if (from == nullptr || !from->is_object()) {
    return optional_number(line, "from", 0, version_max, request.from, wrong);
  }
  if (decode_resume(from->get_object(), request.resumed.emplace(), wrong)) return true;
  wrong.under("from");
  return false;
}

bool decode_history(const bj::object& line, known_types known, decoded_request& request,
                    json::problem& wrong) {
  return decode_entity(line, known, request, wrong) && decode_from(line, request, wrong) &&
         optional_number(line, "limit", 1, limit_max, request.limit, wrong);
}

bool decode_list(const bj::object& line, known_types known, decoded_request& request,
                 json::problem& wrong) {
  std::string_view type;
  return required_text(line, "type", type, wrong) &&
         find_type(known, type, "type", request.type, wrong) &&
         optional_text(line, "after", request.after, wrong) &&
         optional_number(line, "limit", 1, limit_max, request.limit, wrong);
}

bool decode_leasing(const bj::object& line, known_types known, decoded_request& request,
                    json::problem& wrong) {
  if (!decode_entity(line, known, request, wrong)) return false;
  const auto most = static_cast<std::uint64_t>(request.type->lease_max.count());
  if (most == 0) {
    return refuse(wrong, "entity", "the type " + request.type->name + " cannot be leased");
  }
  return required_number(line, "for_ms", 1, most, request.for_ms, wrong) &&
         optional_lease(line, request.lease, wrong);
}

bool decode_release(const bj::object& line, known_types known, decoded_request& request,
                    json::problem& wrong) {
  return decode_entity(line, known, request, wrong) && optional_lease(line, request.lease, wrong) &&
         (!request.lease.empty() || refuse(wrong, "lease", "is missing"));
}

constexpr std::string_view item_fields[] = {"entity", "command", "args",
                                            "remove", "expect",  "lease"};

bool decode_command(const bj::object& from, requested_item& item, json::problem& wrong) {
  const auto* command = find_field(from, "command");
  item.arguments = find_field(from, "args");
  if (!optional_flag(from, "remove", item.removes, wrong)) return false;
  if (command == nullptr) {
    return item.arguments == nullptr || refuse(wrong, "args", "there is no command to take them");
  }
  if (item.removes) return refuse(wrong, "remove", "the item has a command");
  return read_text(*command, "command", item.command, wrong);
}

bool decode_item(const bj::value& value, known_types known, requested_item& item,
                 json::problem& wrong) {
  const auto* object = value.if_object();
  if (object == nullptr) return expected(wrong, "", "object", value);
  if (!check_fields(*object, "an item", item_fields, wrong) ||
      !decode_entity(*object, known, item, wrong) || !decode_command(*object, item, wrong) ||
      !decode_circumstances(*object, item, wrong)) {
    return false;
  }
  const bool asserts = item.command.data() == nullptr && !item.removes;
  return !asserts || item.lease.empty() ||
         refuse(wrong, "lease", "an item without a command needs none");
}

/// Which items have been there already.
class seen_entities {
public:
  bool add(const requested_item& item, std::size_t index, std::string_view list,
           std::string_view path, json::problem& wrong) {
    const auto [first, added] = indices_.emplace(item.entity, index);
    return added || refuse(wrong, path,
                           item.entity + " is in " + std::string(list) + '[' +
                               std::to_string(first->second) + "] already");
  }

private:
  std::map<std::string, std::size_t> indices_;
};

bool at_index(json::problem& wrong, std::string_view list, std::size_t index) {
  wrong.under(index);
  wrong.under(list);
  return false;
}

bool decode_items(const bj::object& line, known_types known, decoded_request& request,
                  json::problem& wrong) {
  const auto* items = required_list(line, "items", wrong);
  if (items == nullptr) return false;
  seen_entities seen;
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto& item = request.items.emplace_back();
    if (!decode_item((*items)[i], known, item, wrong) ||
        !seen.add(item, i, "items", "entity", wrong)) {
      return at_index(wrong, "items", i);
    }
  }
  return true;
}

bool decode_entities(const bj::object& line, known_types known, decoded_request& request,
                     json::problem& wrong) {
  const auto* entities = required_list(line, "entities", wrong);
  if (entities == nullptr) return false;
  seen_entities seen;
  for (std::size_t i = 0; i < entities->size(); ++i) {
    auto& item = request.items.emplace_back();
    std::string_view key;
    if (!read_text((*entities)[i], "", key, wrong) ||
        !read_key(key, "", known, item.entity, item.type, wrong) ||
        !seen.add(item, i, "entities", "", wrong)) {
      return at_index(wrong, "entities", i);
    }
  }
  return true;
}

bool decode_transact(const bj::object& line, known_types known, decoded_request& request,
                     json::problem& wrong) {
  return decode_items(line, known, request, wrong) && decode_cause(line, request.options, wrong);
}

using comparison = state_condition::comparison;

constexpr std::string_view where_fields[] = {"path", "op", "value"};

constexpr std::array<std::pair<std::string_view, comparison>, 6> operators{{
    {"eq", comparison::eq},
    {"ne", comparison::ne},
    {"lt", comparison::lt},
    {"le", comparison::le},
    {"gt", comparison::gt},
    {"ge", comparison::ge},
}};

/// Empty, or a `/` in front of each name; `~` only as `~0` or `~1`.
bool is_pointer(std::string_view path) {
  if (!path.empty() && path.front() != '/') return false;
  for (auto at = path.find('~'); at != std::string_view::npos; at = path.find('~', at + 1)) {
    if (at + 1 == path.size() || (path[at + 1] != '0' && path[at + 1] != '1')) return false;
  }
  return true;
}

bool decode_operator(const bj::object& where, comparison& op, json::problem& wrong) {
  std::string_view name;
  if (!required_text(where, "op", name, wrong)) return false;
  for (const auto& [known, meant] : operators) {
    if (name == known) return op = meant, true;
  }
  return expected(wrong, "op", "eq, ne, lt, le, gt or ge", where.at("op"));
}

bool decode_condition(const bj::object& where, state_condition& condition, json::problem& wrong) {
  std::string_view path;
  if (!check_fields(where, "where", where_fields, wrong) ||
      !required_text(where, "path", path, wrong)) {
    return false;
  }
  if (!is_pointer(path)) {
    return expected(wrong, "path", "a JSON pointer such as \"/value\"", where.at("path"));
  }
  condition.path = path;
  if (!decode_operator(where, condition.op, wrong)) return false;
  const auto* value = find_field(where, "value");
  if (value == nullptr) return refuse(wrong, "value", "is missing");
  if (value->is_structured()) return expected(wrong, "value", "number, string or boolean", *value);
  condition.value = *value;
  return true;
}

bool decode_where(const bj::object& line, decoded_request& request, json::problem& wrong) {
  const auto* value = find_field(line, "where");
  if (value == nullptr) return true;
  const auto* where = value->if_object();
  if (where == nullptr) return expected(wrong, "where", "object", *value);
  if (decode_condition(*where, request.where.emplace(), wrong)) return true;
  wrong.under("where");
  return false;
}

bool decode_update(const bj::object& line, known_types known, decoded_request& request,
                   json::problem& wrong) {
  std::string_view type;
  request.arguments = find_field(line, "args");
  return required_text(line, "type", type, wrong) &&
         find_type(known, type, "type", request.type, wrong) &&
         required_text(line, "command", request.command, wrong) &&
         decode_where(line, request, wrong) &&
         optional_flag(line, "atomic", request.atomic, wrong) &&
         optional_meta(line, request.options.meta, wrong);
}

struct verb_form {
  std::string_view name;
  decoded_request::verb what;
  field_names fields;
  bool (*decode)(const bj::object&, known_types, decoded_request&, json::problem&);
};

constexpr std::string_view send_fields[] = {"ref",    "do", "entity", "command", "args",
                                            "expect", "id", "meta",   "lease",   "show"};
constexpr std::string_view remove_fields[] = {"ref", "do",   "entity", "expect",
                                              "id",  "meta", "lease",  "show"};
constexpr std::string_view read_fields[] = {"ref", "do", "entity", "version"};
constexpr std::string_view history_fields[] = {"ref", "do", "entity", "from", "limit"};
constexpr std::string_view list_fields[] = {"ref", "do", "type", "after", "limit"};
constexpr std::string_view lease_fields[] = {"ref", "do", "entity", "for_ms", "lease"};
constexpr std::string_view release_fields[] = {"ref", "do", "entity", "lease"};
constexpr std::string_view transact_fields[] = {"ref", "do", "items", "id", "meta"};
constexpr std::string_view read_all_fields[] = {"ref", "do", "entities"};
constexpr std::string_view update_all_fields[] = {"ref",     "do",   "type",   "where",
                                                  "command", "args", "atomic", "meta"};

constexpr std::array verbs{
    verb_form{"send", decoded_request::verb::send, send_fields, &decode_send},
    verb_form{"remove", decoded_request::verb::remove, remove_fields, &decode_remove},
    verb_form{"read", decoded_request::verb::read, read_fields, &decode_read},
    verb_form{"history", decoded_request::verb::history, history_fields, &decode_history},
    verb_form{"list", decoded_request::verb::list, list_fields, &decode_list},
    verb_form{"lease", decoded_request::verb::lease, lease_fields, &decode_leasing},
    verb_form{"release", decoded_request::verb::release, release_fields, &decode_release},
    verb_form{"transact", decoded_request::verb::transact, transact_fields, &decode_transact},
    verb_form{"read_all", decoded_request::verb::read_all, read_all_fields, &decode_entities},
    verb_form{"update_all", decoded_request::verb::update_all, update_all_fields, &decode_update},
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

} // namespace

bool decode_request(const bj::value& line, known_types known, decoded_request& request,
                    json::problem& wrong) {
  const auto* object = line.if_object();
  if (object == nullptr) return expected(wrong, "", "object", line);
  const auto* form = find_verb(*object, wrong);
  if (form == nullptr || !check_fields(*object, form->name, form->fields, wrong)) return false;
  request.what = form->what;
  return form->decode(*object, known, request, wrong);
}

} // namespace cairn::protocol
