#pragma once

#include <cairn/protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::cli {

/// Cuts what a descriptor gives into lines. Holds one line and one read at most; of a line that is
/// too long only its `ref`.
class line_input {
public:
  explicit line_input(int descriptor) : descriptor_(descriptor) {}

  enum class next_line : std::uint8_t {
    found,
    too_long, ///< The line is its `ref`, as JSON, or empty.
    none,     ///< `read` first.
    ended,
  };

  /// The next line that is not blank. The view is good until the next call of anything here.
  next_line next(std::string_view& line);

  /// Reads once; after `next` has said `none`.
  /// Errors: an `errno`; 0 is none, also when there was nothing to read after all.
  int read();

private:
  int descriptor_;
  std::string held_;
  std::size_t begin_ = 0;   // of the next line
  std::size_t scanned_ = 0; // no line ends before it
  bool ended_ = false;
  bool skipping_ = false; // inside a line that is too long
  protocol::reference_scanner scanner_;
  std::string reference_;
};

} // namespace cairn::cli
