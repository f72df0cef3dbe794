#pragma once

#include <cairn/detail/cause.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/types.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cairn::persistence {

/// What the body of a change is made of, wherever it lies: nothing is copied but to its place in the body.
/// Null and empty parts are left out.
struct change_parts {
  std::string_view command;
  std::string_view id{};
  const content_hash* content = nullptr; ///< With an id.
  const metadata* meta = nullptr;
  const std::string* reply = nullptr;
  const std::string* arguments = nullptr;
  bool merged = false;
  std::span<const version_type> item_versions{};
  std::span<const std::string> aspects{};
  std::string_view events{}; ///< `event_count` of them, as `execution::events()` has them.
  std::size_t event_count = 0;
};

/// Of a cause, with the rest still to be set.
change_parts parts_of(const cause& why) noexcept;

/// How many bytes the body takes, exactly.
std::size_t change_body_size(const change_parts& parts) noexcept;

/// Writes the body to memory that is as large as `change_body_size` says (docs/journal-format.md).
void write_change_body(char* out, const change_parts& parts) noexcept;

/// Where a stored change stands, for messages: `change 7 (wallet/alice version 3)`.
std::string place_of(const record& stored);

} // namespace cairn::persistence
