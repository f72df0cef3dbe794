#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/expectation.hpp>
#include <cairn/json.hpp>

#include <boost/json/value.hpp>

#include <string_view>

namespace cairn {

/// A command that came by name and JSON, found and decoded.
struct named_command {
  const command_type* type = nullptr;
  any_pointer arguments{nullptr, [](void* /*none*/) {}};
};

/// Errors: false; `wrong` says what is wrong at `command`, `expect` or `args.…`.
bool find_named_command(const entity_type& type, std::string_view name,
                        const boost::json::value& arguments, expectation expected,
                        named_command& found, json::problem& wrong);

/// Makes a command from arguments that were kept as JSON.
/// Errors: false; `wrong` says what is wrong at `args.…`, what the command's own code threw included.
bool make_stored_command(const command_type& command, std::string_view arguments, any_pointer& made,
                         json::problem& wrong);

/// May a command of `type` come with `expected`?
/// Errors: false; `wrong` says why not, at `expect`.
bool allows_expectation(const entity_type& type, expectation expected, json::problem& wrong);

} // namespace cairn
