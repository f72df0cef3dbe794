#pragma once

#include <cairn/detail/types.hpp>

#include <memory>
#include <string>
#include <string_view>

/// The last line of a full export, by which an import knows that nothing is missing and nothing was changed:
/// `{"end":{"changes":N,"hash":"…"}}`. Source: docs/journal-format.md, section "Export".
namespace cairn::persistence {

/// Hashes the lines of an export: XXH3, 128 bits, of all bytes in front of the end line, line ends included.
class export_hash {
public:
  export_hash();
  ~export_hash();
  export_hash(const export_hash&) = delete;
  export_hash& operator=(const export_hash&) = delete;

  void add(std::string_view lines);

  /// 32 hexadecimal digits.
  std::string text() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// What an end line says.
struct export_end_line {
  position_type changes = 0;
  std::string hash;
};

void write_end_line(std::string& out, const export_end_line& end);

/// Whether `line` claims to be an end line; `write_export_json` never begins so.
bool is_end_line(std::string_view line) noexcept;

/// Errors: false, and `wrong` names path and reason.
bool read_end_line(std::string_view line, export_end_line& end, std::string& wrong);

} // namespace cairn::persistence
