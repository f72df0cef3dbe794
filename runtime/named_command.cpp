#include "runtime/named_command.hpp"

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

} // namespace

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
  found.arguments = found.type->make();
  if (!found.type->decode(arguments, found.arguments.get(), wrong)) {
    wrong.under("args");
    return false;
  }
  return true;
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
