#include "cli/exec_request.hpp"

#include "cli/exec_fields.hpp"
#include "cli/exec_items.hpp"
#include "cli/exec_update.hpp"
#include "cli/json_fields.hpp"

#include <array>

namespace cairn::cli {

namespace {

namespace bj = boost::json;

/// A page of `list` or `history` has at most so many rows.
constexpr std::uint64_t limit_max = 10'000;

bool decode_sending(const bj::object& line, exec_request& request, json::problem& wrong) {
  return decode_circumstances(line, request, wrong) && decode_cause(line, request.options, wrong) &&
         decode_show(line, request.options, wrong);
}

bool decode_send(const bj::object& line, const session& known, exec_request& request,
                 json::problem& wrong) {
  request.arguments = find_field(line, "args");
  return decode_entity(line, known, request, wrong) &&
         required_text(line, "command", request.command, wrong) &&
         decode_sending(line, request, wrong);
}

bool decode_remove(const bj::object& line, const session& known, exec_request& request,
                   json::problem& wrong) {
  request.removes = true;
  return decode_entity(line, known, request, wrong) && decode_sending(line, request, wrong);
}

bool decode_read(const bj::object& line, const session& known, exec_request& request,
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
bool decode_from(const bj::object& line, exec_request& request, json::problem& wrong) {
  const auto* from = find_field(line, "from");
  if (from == nullptr || !from->is_object()) {
    return optional_number(line, "from", 0, version_max, request.from, wrong);
  }
  if (decode_resume(from->get_object(), request.resumed.emplace(), wrong)) return true;
  wrong.under("from");
  return false;
}

bool decode_history(const bj::object& line, const session& known, exec_request& request,
                    json::problem& wrong) {
  return decode_entity(line, known, request, wrong) && decode_from(line, request, wrong) &&
         optional_number(line, "limit", 1, limit_max, request.limit, wrong);
}

bool decode_list(const bj::object& line, const session& known, exec_request& request,
                 json::problem& wrong) {
  std::string_view type;
  return required_text(line, "type", type, wrong) &&
         find_type(known, type, "type", request.type, wrong) &&
         optional_text(line, "after", request.after, wrong) &&
         optional_number(line, "limit", 1, limit_max, request.limit, wrong);
}

bool decode_leasing(const bj::object& line, const session& known, exec_request& request,
                    json::problem& wrong) {
  if (!decode_entity(line, known, request, wrong)) return false;
  const auto most = static_cast<std::uint64_t>(request.type->lease_max.count());
  if (most == 0) {
    return refuse(wrong, "entity", "the type " + request.type->name + " cannot be leased");
  }
  return required_number(line, "for_ms", 1, most, request.for_ms, wrong) &&
         decode_lease(line, request, wrong);
}

bool decode_release(const bj::object& line, const session& known, exec_request& request,
                    json::problem& wrong) {
  return decode_entity(line, known, request, wrong) && decode_lease(line, request, wrong) &&
         (!request.lease.empty() || refuse(wrong, "lease", "is missing"));
}

bool decode_transact(const bj::object& line, const session& known, exec_request& request,
                     json::problem& wrong) {
  return decode_items(line, known, request, wrong) && decode_cause(line, request.options, wrong);
}

struct verb_form {
  std::string_view name;
  exec_request::verb what;
  field_names fields;
  bool (*decode)(const bj::object&, const session&, exec_request&, json::problem&);
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
    verb_form{"send", exec_request::verb::send, send_fields, &decode_send},
    verb_form{"remove", exec_request::verb::remove, remove_fields, &decode_remove},
    verb_form{"read", exec_request::verb::read, read_fields, &decode_read},
    verb_form{"history", exec_request::verb::history, history_fields, &decode_history},
    verb_form{"list", exec_request::verb::list, list_fields, &decode_list},
    verb_form{"lease", exec_request::verb::lease, lease_fields, &decode_leasing},
    verb_form{"release", exec_request::verb::release, release_fields, &decode_release},
    verb_form{"transact", exec_request::verb::transact, transact_fields, &decode_transact},
    verb_form{"read_all", exec_request::verb::read_all, read_all_fields, &decode_entities},
    verb_form{"update_all", exec_request::verb::update_all, update_all_fields, &decode_update},
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

bool decode_request(const bj::value& line, const session& known, exec_request& request,
                    json::problem& wrong) {
  const auto* object = line.if_object();
  if (object == nullptr) return expected(wrong, "", "object", line);
  const auto* form = find_verb(*object, wrong);
  if (form == nullptr || !check_fields(*object, form->name, form->fields, wrong)) return false;
  request.what = form->what;
  return form->decode(*object, known, request, wrong);
}

} // namespace cairn::cli
