#include <cairn/entity_type.hpp>

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>

namespace cairn::cli {

namespace {

constexpr auto help_text = R"(
A command is shown with its arguments' defaults, which says their names and kinds.

Examples:
  cairn types
  cairn types --json
)";

/// The default arguments as JSON; `null` when JSON cannot hold them.
std::string arguments_of(const command_type& command) {
  std::string out;
  json::problem wrong;
  return command.encode(out, command.make().get(), wrong) ? out : "null";
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

std::string commands_json(const entity_type& type) {
  std::string out = "[";
  for (const auto& command : type.commands) {
    out += out.size() > 1 ? ",{" : "{";
    write_member(out, "name", json_text(command.name));
    write_member(out, "args", arguments_of(command));
    write_member(out, "replies", command.replies ? "true" : "false");
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
  write_member(out, "ids_remembered", std::to_string(type.ids_remembered));
  write_member(out, "snapshot_changes", std::to_string(type.snapshot_changes));
  return out += '}';
}

void print_type(const entity_type& type) {
  std::cout << type.name << "\n  commands\n";
  for (const auto& command : type.commands) {
    std::cout << "    " << command.name << ' ' << arguments_of(command)
              << (command.replies ? ", replies" : "") << '\n';
  }
  std::cout << "  events\n";
  for (const auto& event : type.events) {
    std::cout << "    " << event.name << ", schema " << event.schema << '\n';
  }
  std::cout << "  expectation: " << to_string(type.expectation)
            << "\n  command ids remembered: for " << type.ids_remembered
            << " changes\n  snapshots: ";
  if (type.snapshot_changes == 0) {
    std::cout << "none\n";
  } else {
    std::cout << "every " << type.snapshot_changes << " changes\n";
  }
}

} // namespace

void add_types_command(CLI::App& program, session& session) {
  auto as_json = std::make_shared<bool>(false);
  auto* types = program.add_subcommand("types", "Show the entity types of this program");
  types->add_flag("--json", *as_json, "One JSON object a line, one line a type");
  types->footer(help_text);
  types->callback([as_json, &session] {
    for (const auto* type : session.types) {
      if (*as_json) {
        std::cout << type_json(*type) << '\n';
      } else {
        print_type(*type);
      }
    }
    std::cout.flush();
    session.status = std::cout.good() ? 0 : 2;
  });
}

} // namespace cairn::cli
