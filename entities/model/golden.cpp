#include <cairn/detail/model/golden.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cairn {

namespace {

struct golden_command {
  std::string name;
  std::string shape;
};

struct golden_event {
  std::string name;
  std::uint32_t schema = 1;
  std::string shape;
};

struct golden_type {
  std::string type;
  std::string state;
  std::vector<golden_command> commands;
  std::vector<golden_event> events;
};

struct golden_file {
  std::vector<golden_type> types;
};

golden_type golden_of(const entity_type& type) {
  golden_type made{type.name, json::detail::shape(*type.state_codec), {}, {}};
  for (const auto& command : type.commands) {
    made.commands.push_back({command.name, json::detail::shape(*command.codec)});
  }
  for (const auto& event : type.events) {
    made.events.push_back({event.name, event.schema, json::detail::shape(*event.codec)});
  }
  return made;
}

template <class Item>
void write_lines(std::string& out, std::string_view name, const std::vector<Item>& items) {
  out.append(",\n \"").append(name).append("\":[");
  json::problem wrong;
  for (const auto& item : items) {
    out += &item == items.data() ? "\n  " : ",\n  ";
    json::encode(out, item,
                 wrong); // names have been UTF-8 since the type was hosted, and shapes are
  }
  out += ']';
}

std::string with_schema(const golden_event& event) {
  return "schema " + std::to_string(event.schema) + " " + event.shape;
}
std::string with_schema(const golden_command& command) { return command.shape; }

template <class Item>
const Item* find(const std::vector<Item>& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

/// What the one that is gone may be called now: it is new, and looks the same.
template <class Item>
const Item* find_renamed(const Item& gone, const std::vector<Item>& was,
                         const std::vector<Item>& is) {
  const auto found = std::find_if(is.begin(), is.end(), [&](const Item& item) {
    return find(was, item.name) == nullptr && item.shape == gone.shape;
  });
  return found == is.end() ? nullptr : &*found;
}

bool has_upcaster(const entity_type& type, const golden_event& event) {
  return std::any_of(type.upcasters.begin(), type.upcasters.end(), [&](const auto& known) {
    return known.name == event.name && known.schema == event.schema;
  });
}

std::string upcast_of(const golden_event& event) {
  return "cairn::upcast<\"" + event.name + "\", " + std::to_string(event.schema) + ", f>";
}

struct advice {
  std::string cure;
  std::string text;
};

advice advise_gone(const golden_event& event, const golden_event* renamed,
                   const entity_type& type) {
  if (has_upcaster(type, event)) {
    return {"accept", upcast_of(event) + " reads those in old journals"};
  }
  if (renamed != nullptr) {
    return {"alias", "if it is \"" + renamed->name + "\" now, keep its name: cairn::named<\"" +
                         event.name + "\", " + renamed->name + "> in cairn::events"};
  }
  return {"upcast",
          "old journals hold it: list it in cairn::also_applies, or turn it into another "
          "with " +
              upcast_of(event)};
}

advice advise_gone(const golden_command& command, const golden_command* renamed,
                   const entity_type& /*type*/) {
  if (renamed != nullptr) {
    return {"alias", "if it is \"" + renamed->name + "\" now, keep its name: cairn::named<\"" +
                         command.name + "\", " + renamed->name + "> in cairn::commands"};
  }
  return {"accept", "once nobody sends it and no timer or message under way carries it"};
}

advice advise_changed(const golden_event& was, const golden_event& is, const entity_type& type) {
  if (was.schema == is.schema) {
    return {"upcast", "old journals hold the old shape: give it schema " +
                          std::to_string(was.schema + 1) +
                          " with cairn::named in cairn::events, and " + upcast_of(was) +
                          "; a member of another name can keep its own with "
                          "cairn::renamed. Accept it when all old ones still decode"};
  }
  if (!has_upcaster(type, was)) {
    return {"upcast", "old journals hold the old schema: " + upcast_of(was)};
  }
  return {"accept", upcast_of(was) + " reads those in old journals"};
}

advice advise_changed(const golden_command& /*was*/, const golden_command& /*is*/,
                      const entity_type& /*type*/) {
  return {"accept",
          "once all senders send the new shape; a member of another name can keep its own "
          "with cairn::renamed"};
}

template <class Item>
void compare_items(const std::string& kind, const std::vector<Item>& was,
                   const std::vector<Item>& is, const entity_type& type,
                   std::vector<golden_difference>& found) {
  const auto add = [&](const Item& item, std::string before, std::string now, advice given) {
    found.push_back({type.name, kind + " \"" + item.name + "\"", std::move(before), std::move(now),
                     std::move(given.cure), std::move(given.text)});
  };
  for (const auto& item : was) {
    const Item* now = find(is, item.name);
    if (now == nullptr) {
      add(item, with_schema(item), {}, advise_gone(item, find_renamed(item, was, is), type));
    } else if (with_schema(item) != with_schema(*now)) {
      add(item, with_schema(item), with_schema(*now), advise_changed(item, *now, type));
    }
  }
  for (const auto& item : is) {
    if (find(was, item.name) == nullptr) {
      add(item, {}, with_schema(item), {"accept", "it is new"});
    }
  }
}

void compare_type(const golden_type& was, const entity_type& type,
                  std::vector<golden_difference>& found) {
  const golden_type is = golden_of(type);
  if (was.state != is.state) {
    found.push_back(
        {type.name, "state", was.state, is.state, "accept",
         "snapshots of the old shape are passed over, and replay makes the states anew"});
  }
  compare_items("command", was.commands, is.commands, type, found);
  compare_items("event", was.events, is.events, type, found);
}

} // namespace

std::string golden_difference::text() const {
  std::string out = type + ": " + what;
  if (was.empty()) {
    out += " is new";
  } else if (is.empty()) {
    out += " is gone";
  } else {
    out.append(" was ").append(was).append(", is ").append(is);
  }
  return out.append(". ").append(cure).append(": ").append(advice);
}

std::string golden_text(const std::vector<const entity_type*>& types) {
  std::string out = "{\"types\":[";
  for (const auto* type : types) {
    const auto golden = golden_of(*type);
    out += type == types.front() ? "\n{\"type\":" : ",\n{\"type\":";
    json::write_string(out, golden.type);
    out += ",\n \"state\":";
    json::write_string(out, golden.state);
    write_lines(out, "commands", golden.commands);
    write_lines(out, "events", golden.events);
    out += '}';
  }
  return out += "\n]}\n";
}

bool compare_golden(std::string_view text, const std::vector<const entity_type*>& types,
                    std::vector<golden_difference>& found, json::problem& wrong) {
  boost::json::value value;
  golden_file was;
  if (!json::parse(text, value, wrong) || !json::decode(value, was, wrong)) {
    return false;
  }
  for (const auto& known : was.types) {
    const auto now = std::find_if(types.begin(), types.end(),
                                  [&](const auto* type) { return type->name == known.type; });
    if (now != types.end()) {
      compare_type(known, **now, found);
    } else {
      found.push_back({known.type,
                       "type",
                       known.state,
                       {},
                       "alias",
                       "keep its name in cairn::entity, or say that it is cairn::retired"});
    }
  }
  for (const auto* type : types) {
    const bool is_known = std::any_of(was.types.begin(), was.types.end(),
                                      [&](const auto& known) { return known.type == type->name; });
    if (!is_known) {
      found.push_back({type->name, "type", {}, golden_of(*type).state, "accept", "it is new"});
    }
  }
  return true;
}

} // namespace cairn
