#pragma once

#include <cairn/detail/expectation.hpp>
#include <cairn/detail/outcome.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The log of refused commands, which a world may keep beside its journal (`world_options::refusal_bytes_max`).
// Refusals are no changes: they have no version and no position, and are not synced.
namespace cairn {

/// A command that was refused.
struct refusal {
  std::int64_t time_us = 0; ///< Since the Unix epoch, on the world's clock.
  std::string entity;       ///< `type/id`
  std::string
      command; ///< Name; also `$remove`, `$lease`, and `$require` for a demand of a transaction.
  std::optional<conflict_kind> conflict; ///< None: a business rule rejected it.
  expectation expected;
  version_type actual = 0;
  std::vector<std::string> aspects; ///< In the way.
  std::string client;               ///< `principal` of its meta, or empty.
  std::string reason;               ///< Rejected: why.
};

/// Appends a refusal as the log has it, one line of JSON without its end; long texts are cut.
void write_refusal_json(std::string& out, const refusal& shown);

/// Reads what `write_refusal_json` wrote. Nothing: it is no refusal.
std::optional<refusal> read_refusal_json(std::string_view line);

/// Visits the refusals that are kept beside the journal in `directory`, oldest first. Lines that are none, as a
/// crash leaves them, are passed over and counted in `notices`.
/// After:  `found`: there is a log, perhaps an empty one.
/// Thread: any; also beside a live program, whose log may move on meanwhile.
/// Errors: `cannot_open`.
status read_refusals(const std::filesystem::path& directory,
                     const std::function<void(const refusal&)>& visit, bool& found,
                     std::vector<std::string>& notices);

} // namespace cairn
