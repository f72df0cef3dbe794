#include "entities/named_command.hpp"

#include <cairn/detail/guard.hpp>

#include <string>

namespace cairn {

namespace {

bool unknown_command(const entity_type& type, std::string_view name, json::problem& wrong) {
  std::string known;
  for (const auto& command : type.commands) {
    known += (known.empty() ? "" : ", ") + command.name;
  }
  wrong = {"command",
           "unknown command \"" + std::string(name) + "\"; " + type.name + " has: " + known};
  return false;
}

bool make_command(const command_type& command, const boost::json::value& arguments,
                  any_pointer& made, json::problem& wrong) {
  bool good = false;
  const auto make = [&] {
    made = command.make();
    good = command.decode(arguments, made.get(), wrong);
  };
  detail::guard(make, [&](const std::string& thrown) {
    wrong = {"", "making the command " + command.name + " threw: " + thrown};
  });
  if (!good) {
    wrong.under("args");
  }
  return good;
}

} // namespace

bool make_stored_command(const command_type& command, std::string_view arguments, any_pointer& made,
                         json::problem& wrong) {
  boost::json::value parsed;
  if (!json::parse(arguments, parsed, wrong)) {
    wrong.under("args");
    return false;
  }
  return make_command(command, parsed, made, wrong);
}

bool find_named_command(const entity_type& type, std::string_view name,
                        const boost::json::value& arguments, expectation expected,
                        named_command& found, json::problem& wrong) {
  found.type = type.find_command(name);
  if (found.type == nullptr) {
    return unknown_command(type, name, wrong);
  }
  if (!allows_expectation(type, expected, wrong)) {
    return false;
  }
  return make_command(*found.type, arguments, found.arguments, wrong);
}

bool allows_expectation(const entity_type& type, expectation expected, json::problem& wrong) {
  const bool unchecked = expected.what() == expectation::kind::any;
  if (type.expectation !=
      (unchecked ? expectation_policy::required : expectation_policy::refused)) {
    return true;
  }
  wrong = {"expect",
           "the type " + type.name + (unchecked ? " requires" : " refuses") + " an expectation"};
  return false;
}

} // namespace cairn
