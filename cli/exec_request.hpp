#pragma once

#include <cairn/any_entity.hpp>

#include "cli/commands.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::cli {

/// A line of `exec`, decoded. Which members have a meaning is the verb's.
struct exec_request {
  enum class verb : std::uint8_t { send, remove, read, history, list };

  verb what = verb::read;
  const entity_type* type = nullptr;
  std::string entity; ///< `type/id`; all but `list`
  std::string_view command;
  const boost::json::value* arguments = nullptr; ///< Null: none are given.
  expectation expected;
  send_options options;
  std::optional<version_type> version; ///< `read`: of the past
  version_type from = 1;
  std::string_view after;
  std::uint64_t limit = 100;
};

/// Decodes `line`, which must outlive `request`, but for `ref`. Everything is checked that no
/// entity is needed for.
/// Errors: false; `wrong` has the member's path and says what was expected and found.
bool decode_request(const boost::json::value& line, const session& known, exec_request& request,
                    json::problem& wrong);

} // namespace cairn::cli
