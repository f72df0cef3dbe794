#include "cli/exec_update.hpp"

#include "cli/exec_fields.hpp"
#include "cli/json_fields.hpp"

#include <array>

namespace cairn::cli {

namespace {

namespace bj = boost::json;
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

bool decode_where(const bj::object& line, exec_request& request, json::problem& wrong) {
  const auto* value = find_field(line, "where");
  if (value == nullptr) return true;
  const auto* where = value->if_object();
  if (where == nullptr) return expected(wrong, "where", "object", *value);
  if (decode_condition(*where, request.where.emplace(), wrong)) return true;
  wrong.under("where");
  return false;
}

} // namespace

bool decode_update(const bj::object& line, const session& known, exec_request& request,
                   json::problem& wrong) {
  std::string_view type;
  request.arguments = find_field(line, "args");
  return required_text(line, "type", type, wrong) &&
         find_type(known, type, "type", request.type, wrong) &&
         required_text(line, "command", request.command, wrong) &&
         decode_where(line, request, wrong) &&
         optional_flag(line, "atomic", request.atomic, wrong) &&
         decode_meta(line, request.options, wrong);
}

} // namespace cairn::cli
