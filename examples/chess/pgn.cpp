#include "pgn.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace pgn {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view digits = "0123456789";

bool is_one_of(char c, std::string_view all) { return all.find(c) != std::string_view::npos; }

bool is_result(std::string_view symbol) {
  return symbol == "1-0" || symbol == "0-1" || symbol == "1/2-1/2" || symbol == "*";
}

/// True for `[Name "…`, which no comment and no variation contains.
bool is_tag(std::string_view line) {
  if (line.size() < 2 || line[0] != '[' || !std::isalpha(static_cast<unsigned char>(line[1]))) {
    return false;
  }
  const auto quote = line.find('"');
  return quote != std::string_view::npos && is_one_of(line[quote - 1], blanks);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  return '"' + std::string(text.substr(0, shown_max)) + (text.size() > shown_max ? "…\"" : "\"");
}

/// `12.e4`, `12...e5` and `...e5` without the number: `e4`, `e5`. Castling with zeros is no number.
std::string_view without_number(std::string_view symbol) {
  const auto end = std::min(symbol.find_first_not_of(digits), symbol.size());
  if (end < symbol.size() && symbol[end] != '.') {
    return symbol;
  }
  return symbol.substr(std::min(symbol.find_first_not_of('.', end), symbol.size()));
}

} // namespace

bool is_move(std::string_view text) {
  constexpr std::string_view files = "abcdefgh";
  constexpr std::string_view ranks = "12345678";
  if (!text.empty() && is_one_of(text.back(), "+#")) {
    text.remove_suffix(1);
  }
  if (text == "O-O" || text == "O-O-O") {
    return true;
  }
  const bool is_pawn = text.empty() || !is_one_of(text.front(), "KQRBN");
  if (!is_pawn) {
    text.remove_prefix(1);
  } else if (text.size() > 2 && is_one_of(text.back(), "QRBN")) {
    text.remove_suffix(is_one_of('=', text.substr(text.size() - 2)) ? 2 : 1);
    if (text.empty() || !is_one_of(text.back(), "18")) {
      return false;
    }
  }
  if (text.size() < 2 || !is_one_of(text.back(), ranks) ||
      !is_one_of(text[text.size() - 2], files)) {
    return false;
  }
  text.remove_suffix(2);
  const bool takes = !text.empty() && text.back() == 'x';
  if (takes) {
    text.remove_suffix(1);
  }
  if (is_pawn) {
    return takes ? text.size() == 1 && is_one_of(text[0], files) : text.empty();
  }
  if (!text.empty() && is_one_of(text.front(), files)) {
    text.remove_prefix(1);
  }
  return text.empty() || (text.size() == 1 && is_one_of(text[0], ranks));
}

std::string_view game::tag(std::string_view name) const {
  const auto found = tags.find(name);
  return found == tags.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::variant<game, problem>> reader::next() {
  while (next_line() && line_.find_first_not_of(blanks) == std::string::npos) {
    has_line_ = false;
  }
  if (!has_line_) {
    return std::nullopt;
  }
  game read;
  read.line = line_number_;
  comment_line_ = variations_ = 0;
  if (read_tags(read) && read_moves(read) && is_complete(read)) {
    return read;
  }
  skip_game(read.line);
  return problem_;
}

/// Gets a line unless there is one already. False: the file ends.
bool reader::next_line() {
  while (!has_line_) {
    follows_tag_ = line_.starts_with('[');
    if (!std::getline(in_, line_)) {
      return false;
    }
    ++line_number_;
    bytes_ += line_.size() + 1;
    if (line_number_ == 1 && line_.starts_with("\xEF\xBB\xBF")) {
      line_.erase(0, 3); // a byte order mark
    }
    if (line_.ends_with('\r')) {
      line_.pop_back();
    }
    has_line_ = !line_.starts_with('%'); // such a line is for other programs
  }
  return true;
}

bool reader::read_tags(game& read) {
  while (next_line() && line_.starts_with('[')) {
    if (!read_tag(read)) {
      return false;
    }
    has_line_ = false;
  }
  for (const char* name : {"White", "Black"}) {
    if (read.tag(name).empty()) {
      return wrong(std::string("the game has no tag ") + name);
    }
  }
  return true;
}

/// `[Name "value"]`, where `\` stands before a quote or another `\`.
bool reader::read_tag(game& read) {
  const auto name_end = line_.find_first_of(blanks);
  const auto quote = line_.find('"');
  if (quote == std::string::npos || name_end == 1 ||
      line_.find_first_not_of(blanks, name_end) != quote) {
    return wrong("a tag is written [Name \"value\"], this is " + in_quotes(line_));
  }
  std::string value;
  std::size_t at = quote + 1;
  for (; at < line_.size() && line_[at] != '"'; ++at) {
    at += line_[at] == '\\' && at + 1 < line_.size() ? 1 : 0;
    value += line_[at];
  }
  const auto bracket = line_.find_first_not_of(blanks, at + 1);
  if (bracket == std::string::npos || line_[bracket] != ']') {
    return wrong("a tag ends in \"], this one does not: " + in_quotes(line_));
  }
  const auto name = line_.substr(1, name_end - 1);
  return read.tags.emplace(name, std::move(value)).second ||
         wrong("the tag " + name + " stands twice");
}

bool reader::read_moves(game& read) {
  while (read.result.empty() || comment_line_ != 0) {
    if (!next_line() || is_tag(line_)) {
      break;
    }
    if (!read_move_line(read)) {
      return false;
    }
    has_line_ = false;
  }
  if (comment_line_ != 0) {
    return wrong("the comment that begins in line " + std::to_string(comment_line_) +
                 " does not end");
  }
  if (variations_ != 0) {
    return wrong("a variation does not end: a ) is missing");
  }
  return !read.result.empty() || wrong("the moves end without a result");
}

bool reader::read_move_line(game& read) {
  const std::string_view line = line_;
  std::size_t at = 0;
  while (at < line.size()) {
    if (comment_line_ != 0) {
      const auto end = line.find('}', at);
      if (end == std::string_view::npos) {
        return true;
      }
      comment_line_ = 0;
      at = end + 1;
    } else if (line[at] == '{') {
      comment_line_ = line_number_;
    } else if (line[at] == ';') {
      return true; // a comment up to the end of the line
    } else if (line[at] == '(') {
      ++variations_;
      ++at;
    } else if (line[at] == ')') {
      if (variations_ == 0) {
        return wrong("a ) without its (");
      }
      --variations_;
      ++at;
    } else if (is_one_of(line[at], blanks)) {
      ++at;
    } else {
      const auto end = std::min(line.find_first_of(" \t{};()", at + 1), line.size());
      if (variations_ == 0 && !read_symbol(line.substr(at, end - at), read)) {
        return false;
      }
      at = end;
    }
  }
  return true;
}

bool reader::read_symbol(std::string_view symbol, game& read) {
  if (!read.result.empty()) {
    return wrong(in_quotes(symbol) + " stands behind the result");
  }
  if (is_result(symbol)) {
    read.result = symbol;
    return true;
  }
  std::string move(without_number(symbol));
  move.erase(std::min(move.find_last_not_of("!?") + 1, move.size()));
  if (move.empty() || move[0] == '$' || move == "e.p.") {
    return true;
  }
  if (move.starts_with("0-0")) {
    std::replace(move.begin(), move.end(), '0', 'O');
  }
  if (!is_move(move)) {
    return wrong(in_quotes(symbol) + " is no move");
  }
  read.moves.push_back(std::move(move));
  return true;
}

bool reader::is_complete(const game& read) {
  const auto announced = read.tag("Result");
  return announced.empty() || announced == read.result ||
         wrong("the tag Result says " + std::string(announced) + ", the moves end in " +
               read.result);
}

/// Leaves `line_` at the beginning of the next game, which may be where the bad one was seen to
/// end.
void reader::skip_game(std::size_t first_line) {
  while (next_line() && (line_number_ == first_line || follows_tag_ || !line_.starts_with('['))) {
    has_line_ = false;
  }
}

bool reader::wrong(std::string reason) {
  problem_ = {line_number_, std::move(reason)};
  return false;
}

} // namespace pgn
