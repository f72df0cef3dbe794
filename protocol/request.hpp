#pragma once

#include <cairn/by_name.hpp>

#include "protocol/fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::protocol {

/// What is asked of one entity.
struct requested_item {
  const entity_type* type = nullptr;
  std::string entity; ///< `type/id`
  std::string_view command;
  const boost::json::value* arguments = nullptr; ///< Null: none are given.
  bool removes = false;
  expectation expected;
  std::string lease; ///< A token, or empty.
};

/// A request, decoded. Which members have a meaning is the verb's.
struct decoded_request : requested_item {
  enum class verb : std::uint8_t {
    send,
    remove,
    read,
    history,
    list,
    lease,
    release,
    transact,
    read_all,
    update_all,
  };

  verb what = verb::read;
  send_options options;                ///< But for the lease, which is the item's.
  std::optional<version_type> version; ///< `read`: of the past
  version_type from = 1;
  std::optional<resume_token> resumed; ///< `history`: from there, in place of `from`.
  std::string_view after;
  std::uint64_t limit = 100;
  std::uint64_t for_ms = 0;
  std::optional<state_condition> where; ///< None: all.
  bool atomic = false;
  std::vector<requested_item> items; ///< `transact`, `read_all`: each entity once
};

/// Decodes `from`, which must outlive `request`. Everything is checked that no entity is needed for.
/// Errors: false; `wrong` has the member's path and says what was expected and found.
bool decode_request(const boost::json::value& from, known_types known, decoded_request& request,
                    json::problem& wrong);

} // namespace cairn::protocol
