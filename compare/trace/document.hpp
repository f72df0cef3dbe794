#pragma once

#include <cairn/entity.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::compare {

/// A text that several people type into. It remembers who typed and who erased each character, so that it can find
/// the place of an edit that was made on an older view of it.
struct text_document {
  /// One character, there or erased.
  struct character {
    std::uint32_t code = 0;
    std::uint32_t author = 0;
    std::uint32_t number = 0; ///< Of the author's edit that typed it, from 1.
    std::uint32_t eraser = 0;
    std::uint32_t erasure = 0; ///< Number of the eraser's edit; 0: it is there.
  };

  /// A character that a second author has erased, without having seen the first do it.
  struct second_erasure {
    std::uint32_t author = 0; ///< Of the character.
    std::uint32_t number = 0;
    std::uint32_t eraser = 0;
    std::uint32_t erasure = 0;
  };

  /// At a position, as its author saw the text, some characters are erased, then some inserted.
  struct typed {
    std::uint32_t position = 0;
    std::uint32_t erased = 0;
    std::string inserted;
  };

  /// The same at a place among all characters, erased ones counted.
  struct placed {
    std::uint32_t place = 0;
    bool erases = false; ///< The character at `place`.
    std::string inserted;
  };

  std::vector<character> characters;
  std::vector<second_erasure> second_erasures;
  std::vector<std::uint32_t> edits; ///< Of each author.

  /// Positions are those of the text now, or, with `seen`, of what its author saw: so many edits of each
  /// author. Then the document finds the places.
  struct edit {
    std::uint32_t author = 0;
    std::vector<typed> changes;
    std::optional<std::vector<std::uint32_t>> seen;
  };
  /// An edit whose places its sender has found itself.
  struct put {
    std::uint32_t author = 0;
    std::vector<placed> changes;
  };
  struct changed {
    std::uint32_t author = 0;
    std::vector<placed> changes;
  };

  decision<changed> decide(const edit& command) const;
  decision<changed> decide(const put& command) const;
  void apply(const changed& event);

  /// A stale edit that says what its author saw is as good as a fresh one: its places are found when it is
  /// decided.
  std::optional<edit> merge(const edit& stale, const missed_changes<text_document>& missed) const;

  /// The places of an edit. Nothing: a position is not there.
  std::optional<std::vector<placed>> find_places(const edit& command) const;

  /// What can be read.
  std::string text() const;

  /// How many readable characters are in front of a place.
  std::uint32_t position_of(std::size_t place) const;

  using entity = cairn::entity<"text", commands<edit, put>, snapshot_changes<0>,
                               merge_window<1'048'576>>; // no session is so long

private:
  /// How many edits of each author somebody has seen; null: all.
  using view = const std::vector<std::uint32_t>*;

  bool is_visible(const character& one, view seen) const;
  std::optional<std::size_t> behind(std::uint32_t position, view seen) const;
  bool find(const typed& change, view seen, std::vector<placed>& into) const;
  void erase(std::size_t place, std::uint32_t author, std::uint32_t number);
  void insert(std::size_t place, std::uint32_t author, std::uint32_t number,
              const std::string& text);
};

} // namespace cairn::compare
