#pragma once

#include <cairn/detail/types.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// Who wants something and why: free text under free names, journaled with the change. The names
/// `principal`, `correlation` and `causation` have the usual meaning; `decide` sees the principal.
using metadata = std::vector<std::pair<std::string, std::string>>;

/// Value of `name` in `meta`; empty when it is not there.
std::string_view find_meta(const metadata& meta, std::string_view name) noexcept;

/// Tells two commands of one id apart: a hash of command name and arguments (XXH3, 128 bits).
using content_hash = std::array<unsigned char, 16>;

content_hash hash_content(std::string_view command, std::string_view arguments_json) noexcept;

/// What led to a change.
struct cause {
  std::string command;    ///< Name; `$remove` for a removal.
  std::string id;         ///< Command id; empty: it had none.
  content_hash content{}; ///< With an id.
  metadata meta;
  std::optional<std::string> reply;       ///< JSON, of a command that replies.
  std::optional<std::string> arguments{}; ///< JSON, of a type that records commands.
  bool merged = false;                    ///< The command was stale, and its entity merged it.
  /// In the first change of a transaction's unit: the version of each of its items afterwards.
  std::vector<version_type> item_versions{};
};

} // namespace cairn
