#include <cairn/entity.hpp>
#include <cairn/world.hpp>

#include "cli/commands.hpp"
#include "cli/golden.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace cairn::cli {

namespace {

constexpr auto types_help = R"(
A command is shown with its arguments' defaults, which says their names and kinds; then the policy:
  expectation       may, must or must not a command say what it observed
  aspects           parts of the state with versions of their own: a command conflicts only when one that
                    it depends on was touched since; without aspects every change touches all
  merge, commutes   what becomes of a stale command instead of a conflict
  merge window      a command that has missed more changes stays a conflict
  lease             the longest one; 0: the type cannot be leased
Whether versions are checked at all is a world's own switch, world_options::check_versions, on by default.

A golden file keeps the names of types, commands and events, and their shapes in JSON, beside their source. --check
says of each difference what to do: upcast (old journals hold it), alias (it may keep its name) or accept (--write).
Exit status: 0 the same, 1 something differs, 2 the file cannot be read or written.

Examples:
  cairn types
  cairn types --json
  cairn types --write types.golden.json
  cairn types --check types.golden.json
)";

/// The default arguments as JSON; `null` when JSON cannot hold them, or the command's own code throws.
std::string arguments_of(const command_type& command) {
  std::string out;
  json::problem wrong;
  bool good = false;
  cairn::detail::guard([&] { good = command.encode(out, command.make().get(), wrong); },
                       [](const std::string& /*thrown*/) {});
  return good ? out : "null";
}

void write_member(std::string& out, std::string_view name, std::string_view value_json) {
  out.append(out.empty() || out.back() == '{' ? "\"" : ",\"")
      .append(name)
      .append("\":")
      .append(value_json);
}

std::string json_text(std::string_view text) {
  std::string out;
  json::write_string(out, text);
  return out;
}

std::string names_json(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const auto& name : names) out.append(out.size() > 1 ? "," : "").append(json_text(name));
  return out += ']';
}

const char* flag_json(bool flag) { return flag ? "true" : "false"; }

std::vector<std::string> commuting(const entity_type& type, const command_type& command) {
  std::vector<std::string> names;
  for (const auto index : command.commutes_with) names.push_back(type.commands[index].name);
  return names;
}

std::string commands_json(const entity_type& type) {
  std::string out = "[";
  for (const auto& command : type.commands) {
    out += out.size() > 1 ? ",{" : "{";
    write_member(out, "name", json_text(command.name));
    write_member(out, "args", arguments_of(command));
    write_member(out, "replies", flag_json(command.replies));
    if (!type.aspects.empty()) {
      write_member(out, "depends_on", names_json(type.names_of(command.depends)));
    }
    write_member(out, "merge", flag_json(command.merge != nullptr));
    write_member(out, "commutes_with", names_json(commuting(type, command)));
    out += '}';
  }
  return out += ']';
}

std::string events_json(const entity_type& type) {
  std::string out = "[";
  for (const auto& event : type.events) {
    out += out.size() > 1 ? ",{" : "{";
    write_member(out, "name", json_text(event.name));
    write_member(out, "schema", std::to_string(event.schema));
    if (!type.aspects.empty()) {
      write_member(out, "touches", names_json(type.names_of(event.touches)));
    }
    out += '}';
  }
  return out += ']';
}

std::string type_json(const entity_type& type) {
  std::string out = "{";
  write_member(out, "type", json_text(type.name));
  write_member(out, "commands", commands_json(type));
  write_member(out, "events", events_json(type));
  write_member(out, "expectation", json_text(to_string(type.expectation)));
  write_member(out, "aspects", names_json(type.aspects));
  write_member(out, "ids_remembered",
               type.ids_remembered == for_ever ? json_text("for_ever")
                                               : std::to_string(type.ids_remembered));
  write_member(out, "snapshot_changes", std::to_string(type.snapshot_changes));
  write_member(out, "merge_window", std::to_string(type.merge_window));
  write_member(out, "lease_ms_max", std::to_string(type.lease_max.count()));
  write_member(out, "records_commands", flag_json(type.records_commands));
  write_member(out, "reads_leniently", flag_json(type.reads_leniently));
  write_member(out, "check_versions", flag_json(world_options().check_versions));
  return out += '}';
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

void print_command(const entity_type& type, const command_type& command) {
  std::cout << "    " << command.name << ' ' << arguments_of(command);
  if (command.replies) std::cout << ", replies";
  if (!type.aspects.empty()) {
    std::cout << ", depends on " << listed(type.names_of(command.depends));
  }
  if (command.merge != nullptr) std::cout << ", has a merge";
  if (!command.commutes_with.empty()) {
    std::cout << ", commutes with " << listed(commuting(type, command));
  }
  std::cout << '\n';
}

void print_event(const entity_type& type, const event_type& event) {
  std::cout << "    " << event.name << ", schema " << event.schema;
  if (!type.aspects.empty()) std::cout << ", touches " << listed(type.names_of(event.touches));
  std::cout << '\n';
}

void print_policy(const entity_type& type) {
  std::cout << "  expectation: " << to_string(type.expectation)
            << "\n  aspects: " << (type.aspects.empty() ? "none" : listed(type.aspects))
            << "\n  merge window: "
            << (type.merges() ? std::to_string(type.merge_window) + " changes"
                              : "none, nothing is merged")
            << "\n  longest lease: ";
  if (type.lease_max.count() == 0) {
    std::cout << "none";
  } else {
    std::cout << type.lease_max.count() << " ms";
  }
  std::cout << "\n  command ids remembered: "
            << (type.ids_remembered == for_ever
                    ? "for ever"
                    : "for " + std::to_string(type.ids_remembered) + " changes")
            << "\n  snapshots: ";
  if (type.snapshot_changes == 0) {
    std::cout << "none";
  } else {
    std::cout << "every " << type.snapshot_changes << " changes";
  }
  std::cout << "\n  commands recorded: " << (type.records_commands ? "yes" : "no")
            << "\n  unknown members of events: "
            << (type.reads_leniently ? "passed over" : "an error") << '\n';
}

std::string retired_json(const entity_type& type) {
  std::string out = "{";
  write_member(out, "type", json_text(type.name));
  write_member(out, "retired", "true");
  return out += '}';
}

void print_type(const entity_type& type) {
  std::cout << type.name << "\n  commands\n";
  for (const auto& command : type.commands) print_command(type, command);
  std::cout << "  events\n";
  for (const auto& event : type.events) print_event(type, event);
  print_policy(type);
}

struct types_options {
  bool json = false;
  std::string check;
  std::string write;
};

int show_types(const session& session, bool as_json) {
  for (const auto* type : session.types) {
    if (as_json) {
      std::cout << type_json(*type) << '\n';
    } else {
      print_type(*type);
    }
  }
  for (const auto* type : session.retired) {
    std::cout << (as_json ? retired_json(*type)
                          : type->name +
                                "\n  retired: nothing is sent to it, replay passes over "
                                "its changes")
              << '\n';
  }
  if (!as_json) {
    std::cout << "versions are checked, unless a world is built without "
                 "(world_options::check_versions)\n";
  }
  std::cout.flush();
  return std::cout.good() ? 0 : 2;
}

} // namespace

void add_types_command(CLI::App& program, session& session) {
  auto options = std::make_shared<types_options>();
  auto* types = program.add_subcommand("types", "Show the entity types of this program");
  types->add_flag("--json", options->json, "One JSON object a line, one line a type or difference");
  auto* check = types->add_option("--check", options->check, "Compare them with a golden file");
  check->type_name("FILE");
  types->add_option("--write", options->write, "Write a golden file")
      ->type_name("FILE")
      ->excludes(check);
  types->footer(types_help);
  types->callback([=, &session] {
    if (!options->check.empty()) {
      session.status = check_golden(types, session, options->check, options->json);
    } else if (!options->write.empty()) {
      session.status = write_golden(types, session, options->write);
    } else {
      session.status = show_types(session, options->json);
    }
  });
}

} // namespace cairn::cli
