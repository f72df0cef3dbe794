#pragma once

#include <cstddef>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Games in Portable Game Notation, read one at a time.
/// Source: Steven J. Edwards, PGN Specification and Implementation Guide, 1994, section 8.
namespace pgn {

struct game {
  std::size_t line = 0; ///< Where it begins, from 1.
  std::map<std::string, std::string, std::less<>> tags;
  std::vector<std::string>
      moves;          ///< Half-moves in standard algebraic notation, without `!` and `?`.
  std::string result; ///< `1-0`, `0-1`, `1/2-1/2` or `*`

  /// Empty when there is no such tag.
  std::string_view tag(std::string_view name) const;
};

/// A game that is none.
struct problem {
  std::size_t line = 0;
  std::string reason;
};

/// Reads a file from front to back. Comments, variations, `$` annotations and move numbers are
/// passed over; whether a move is legal is not looked at, only whether it is written like one.
/// Errors: a malformed game is a `problem`, and reading goes on at the next `[` that begins a tag
/// section.
class reader {
public:
  explicit reader(std::istream& in) : in_(in) {}

  /// The next game; nothing at the end of the file.
  std::optional<std::variant<game, problem>> next();

  std::size_t bytes() const noexcept { return bytes_; } ///< Read so far.

private:
  bool next_line();
  bool read_tags(game& read);
  bool read_tag(game& read);
  bool read_moves(game& read);
  bool read_move_line(game& read);
  bool read_symbol(std::string_view symbol, game& read);
  bool is_complete(const game& read);
  void skip_game(std::size_t first_line);
  bool wrong(std::string reason);

  std::istream& in_;
  std::string line_;
  std::size_t line_number_ = 0;
  std::size_t bytes_ = 0;
  bool has_line_ = false;        // `line_` has not been used yet
  bool follows_tag_ = false;     // the line before `line_` was one of a tag section
  std::size_t comment_line_ = 0; // where the open `{` stands; 0: none
  std::size_t variations_ = 0;   // open `(`
  problem problem_;
};

/// True for what is written like a move: `e4`, `Nbxd7+`, `exd8=Q#`, `O-O-O`.
bool is_move(std::string_view text);

} // namespace pgn
