#pragma once

#include <cairn/detail/request.hpp>

#include "persistence/format/change_body.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::runtime {

/// What the body of a change is made of: `asked` with its answer, and what the entity decided.
/// Shape: `arguments` and `events` must outlive it.
persistence::change_parts parts_of(const detail::request& asked,
                                   const std::optional<std::string>& arguments,
                                   std::string_view events, std::size_t event_count);

/// Makes the body of a change.
void encode_body(detail::body_bytes& body, const persistence::change_parts& parts);

/// What an entity decided on its share of a transaction, kept until the body of its change can be made.
struct prepared_change {
  /// Makes the body of the change that `item` led to.
  void encode(detail::body_bytes& body, const detail::request& item,
              std::span<const version_type> item_versions) const;

  std::optional<std::string> arguments;
  std::vector<std::string> aspects;
  std::string events;
  std::size_t event_count = 0;
};

} // namespace cairn::runtime
