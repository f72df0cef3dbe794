#include "cli/exec_items.hpp"

#include "cli/exec_fields.hpp"
#include "cli/json_fields.hpp"

#include <map>

namespace cairn::cli {

namespace {

namespace bj = boost::json;

constexpr std::string_view item_fields[] = {"entity", "command", "args",
                                            "remove", "expect",  "lease"};

bool decode_command(const bj::object& from, exec_item& item, json::problem& wrong) {
  const auto* command = find_field(from, "command");
  item.arguments = find_field(from, "args");
  if (!optional_flag(from, "remove", item.removes, wrong)) return false;
  if (command == nullptr) {
    return item.arguments == nullptr || refuse(wrong, "args", "there is no command to take them");
  }
  if (item.removes) return refuse(wrong, "remove", "the item has a command");
  return read_text(*command, "command", item.command, wrong);
}

bool decode_item(const bj::value& value, const session& known, exec_item& item,
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
  bool add(const exec_item& item, std::size_t index, std::string_view list, std::string_view path,
           json::problem& wrong) {
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

} // namespace

bool decode_items(const bj::object& line, const session& known, exec_request& request,
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

bool decode_entities(const bj::object& line, const session& known, exec_request& request,
                     json::problem& wrong) {
  const auto* entities = required_list(line, "entities", wrong);
  if (entities == nullptr) return false;
  seen_entities seen;
  for (std::size_t i = 0; i < entities->size(); ++i) {
    auto& item = request.items.emplace_back();
    std::string_view key;
    if (!read_text((*entities)[i], "", key, wrong) || !decode_key(key, "", known, item, wrong) ||
        !seen.add(item, i, "entities", "", wrong)) {
      return at_index(wrong, "entities", i);
    }
  }
  return true;
}

} // namespace cairn::cli
