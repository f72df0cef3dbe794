#include "compare/trace/document.hpp"

#include "compare/trace/utf8.hpp"

#include <algorithm>

namespace cairn::compare {

bool text_document::is_visible(const character& one, view seen) const {
  if (seen == nullptr) return one.erasure == 0;
  const auto saw = [&](std::uint32_t author, std::uint32_t number) {
    return number != 0 && author < seen->size() && number <= (*seen)[author];
  };
  if (!saw(one.author, one.number) || saw(one.eraser, one.erasure)) return false;
  if (one.erasure == 0) return true;
  return std::none_of(
      second_erasures.begin(), second_erasures.end(), [&](const second_erasure& two) {
        return two.author == one.author && two.number == one.number && saw(two.eraser, two.erasure);
      });
}

/// The place behind so many visible characters.
std::optional<std::size_t> text_document::behind(std::uint32_t position, view seen) const {
  if (position == 0) return 0;
  std::uint32_t passed = 0;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (is_visible(characters[i], seen) && ++passed == position) return i + 1;
  }
  return std::nullopt;
}

bool text_document::find(const typed& change, view seen, std::vector<placed>& into) const {
  const auto start = behind(change.position, seen);
  if (!start) return false;
  std::uint32_t left = change.erased;
  for (std::size_t i = *start; i < characters.size() && left > 0; ++i) {
    if (!is_visible(characters[i], seen)) continue;
    into.push_back({static_cast<std::uint32_t>(i), true, {}});
    --left;
  }
  if (!change.inserted.empty()) {
    into.push_back({static_cast<std::uint32_t>(*start), false, change.inserted});
  }
  return left == 0;
}

std::optional<std::vector<text_document::placed>> text_document::find_places(
    const edit& command) const {
  auto seen = command.seen;
  if (seen) {
    // Its own earlier changes are seen too; they carry the number that the edit will have.
    seen->resize(std::max<std::size_t>(seen->size(), command.author + 1U));
    (*seen)[command.author] =
        1 + (command.author < edits.size() ? edits[command.author] : std::uint32_t{0});
  }
  const view as_seen = seen ? &*seen : nullptr;
  std::vector<placed> all;
  if (command.changes.size() == 1) { // nearly always: no copy
    if (!find(command.changes.front(), as_seen, all)) return std::nullopt;
    return all;
  }
  text_document work = *this;
  const auto number =
      1 + (command.author < edits.size() ? edits[command.author] : std::uint32_t{0});
  for (const auto& change : command.changes) {
    std::vector<placed> found;
    if (!work.find(change, as_seen, found)) return std::nullopt;
    for (const auto& one : found) {
      if (one.erases) {
        work.erase(one.place, command.author, number);
      } else {
        work.insert(one.place, command.author, number, one.inserted);
      }
    }
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

decision<text_document::changed> text_document::decide(const edit& command) const {
  auto places = find_places(command);
  if (!places) return reject("the text has no such position");
  return changed{command.author, std::move(*places)};
}

decision<text_document::changed> text_document::decide(const put& command) const {
  std::size_t size = characters.size();
  for (const auto& one : command.changes) {
    if (one.place > size || (one.erases && one.place == size))
      return reject("there is no such place");
    if (!one.erases) size += to_code_points(one.inserted).size();
  }
  return changed{command.author, command.changes};
}

std::optional<text_document::edit> text_document::merge(
    const edit& stale, const missed_changes<text_document>& /*missed*/) const {
  return stale.seen ? std::optional(stale) : std::nullopt;
}

void text_document::apply(const changed& event) {
  edits.resize(std::max<std::size_t>(edits.size(), event.author + 1U));
  const auto number = ++edits[event.author];
  for (const auto& one : event.changes) {
    if (one.erases) {
      erase(one.place, event.author, number);
    } else {
      insert(one.place, event.author, number, one.inserted);
    }
  }
}

void text_document::erase(std::size_t place, std::uint32_t author, std::uint32_t number) {
  auto& one = characters[place];
  if (one.erasure == 0) {
    one.eraser = author;
    one.erasure = number;
  } else {
    second_erasures.push_back({one.author, one.number, author, number});
  }
}

void text_document::insert(std::size_t place, std::uint32_t author, std::uint32_t number,
                           const std::string& text) {
  std::vector<character> fresh;
  for (const auto code : to_code_points(text)) fresh.push_back({code, author, number, 0, 0});
  characters.insert(characters.begin() + static_cast<std::ptrdiff_t>(place), fresh.begin(),
                    fresh.end());
}

std::string text_document::text() const {
  std::string out;
  for (const auto& one : characters) {
    if (one.erasure == 0) append_utf8(out, one.code);
  }
  return out;
}

std::uint32_t text_document::position_of(std::size_t place) const {
  const auto end = characters.begin() + static_cast<std::ptrdiff_t>(place);
  return static_cast<std::uint32_t>(std::count_if(
      characters.begin(), end, [](const character& one) { return one.erasure == 0; }));
}

} // namespace cairn::compare
