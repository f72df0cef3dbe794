#pragma once

#include <cairn/detail/journal.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

// Journals as JSON Lines, and copies of whole journals.
namespace cairn {

/// Which changes to export.
struct export_selection {
  position_type from = 0;           ///< Rounded down to the start of its unit.
  std::uint64_t limit = UINT64_MAX; ///< At most so many changes.
  std::string entity;               ///< `type/id`; empty: all.
  bool end_line = true; ///< Where nothing is left out, a line behind all changes says so.
};

/// Whether an import takes lines without the end line of a full export.
enum class export_end : std::uint8_t {
  required, ///< Number and hash of the changes' lines must be as it says: none is missing, none was changed.
  ignored, ///< There may be none, as in exports of older versions; one that is there is not compared.
};

/// Takes some whole lines, each with its end. False: wants no more, which is no error.
using line_sink = std::function<bool(std::string_view lines)>;

/// Called now and then with the number of changes done; may be empty.
using transfer_progress = std::function<void(position_type)>;

/// Writes changes as `write_export_json` does, one a line, in order of position. When they are all there are, a last
/// line holds their number and a hash of the lines: `{"end":{"changes":3,"hash":"…"}}`.
/// Thread: any; `from` may be live.
/// Errors: those of the journal; `damaged` for a change that a line cannot hold.
status export_journal(const journal& from, const export_selection& selection,
                      const line_sink& write, const transfer_progress& progress = {});

/// Appends the changes that `lines` hold to the empty `to`, which gets the same positions,
/// versions, times and bytes as the journal that was exported.
/// After:  an error leaves a part of them in `to`: throw it away, or use `import_directory`.
/// Errors: `damaged` for a line that is not what must follow: line number, member and reason;
///         `damaged` where the end line is missing or does not agree; `exists_already`, and those of the journal.
status import_journal(std::istream& lines, journal& to, const transfer_progress& progress = {},
                      export_end end = export_end::required);

/// Imports into a new journal in `directory`, which does not exist or is empty. It gets a lineage of its own.
/// After:  the journal is there, whole and durable, or nothing is. Until then it is beside
/// `directory`
///         under the same name with `.unfinished` behind it; what a killed process left there goes.
/// Errors: as `import_journal`, and those of `rocksdb`.
status import_directory(std::istream& lines, const std::filesystem::path& directory,
                        const transfer_progress& progress = {},
                        export_end end = export_end::required);

/// Copies `from` into a new journal in `directory`, as `import_directory` does. The copy keeps the lineages of `from`
/// until it is opened for writing; then it gets one of its own, which begins at its end.
/// Thread: any; `from` may be live.
status backup_directory(const journal& from, const std::filesystem::path& directory,
                        const transfer_progress& progress = {});

} // namespace cairn
