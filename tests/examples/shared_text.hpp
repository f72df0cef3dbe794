#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A text that several people type into at once. Each keystroke says where in the text that its author had before
/// the eyes, and how many keystrokes of each author that text showed; so it can be put where it was meant.
struct text_state {
  /// One letter, kept when it is erased: others may still type next to it.
  struct letter {
    std::string text;
    std::uint32_t author = 0;
    std::uint32_t number = 0;             ///< Of the keystroke, among its author's.
    std::vector<std::uint32_t> erased_by; ///< Author and number, for each keystroke that erased it.
  };

  std::vector<letter> letters;
  std::vector<std::uint32_t> typed; ///< Keystrokes of each author.

  struct type_key {
    std::uint32_t author = 0;
    std::uint32_t position = 0; ///< In the text that the author saw.
    std::string text;           ///< Empty: erases the letter at the position.
    std::vector<std::uint32_t> seen;
  };
  struct inserted {
    std::uint32_t index = 0; ///< In `letters`.
    std::string text;
    std::uint32_t author = 0;
  };
  struct erased {
    std::uint32_t index = 0;
    std::uint32_t author = 0;
  };

  cairn::decision<inserted, erased> decide(const type_key& command) const {
    std::uint32_t left = command.position;
    for (std::uint32_t index = 0; index < letters.size(); ++index) {
      if (!shows(letters[index], command.seen)) {
        continue;
      }
      if (command.text.empty() && left == 0) {
        return erased{index, command.author};
      }
      if (!command.text.empty() && left == 1) {
        return inserted{index + 1, command.text, command.author};
      }
      --left;
    }
    if (!command.text.empty() && command.position == 0) {
      return inserted{0, command.text, command.author};
    }
    return cairn::reject("there is no such position");
  }

  void apply(const inserted& event) {
    letters.insert(letters.begin() + event.index,
                   letter{event.text, event.author, count(event.author), {}});
  }
  void apply(const erased& event) {
    auto& by = letters[event.index].erased_by;
    by.push_back(event.author);
    by.push_back(count(event.author));
  }

  std::string text() const {
    std::string shown;
    for (const auto& each : letters) {
      shown += each.erased_by.empty() ? each.text : "";
    }
    return shown;
  }

protected:
  /// Was the letter there, and not yet erased, for somebody who had seen so much?
  static bool shows(const letter& each, const std::vector<std::uint32_t>& seen) {
    const auto has_seen = [&](std::uint32_t author, std::uint32_t number) {
      return author < seen.size() && number < seen[author];
    };
    if (!has_seen(each.author, each.number)) {
      return false;
    }
    for (std::size_t i = 0; i + 1 < each.erased_by.size(); i += 2) {
      if (has_seen(each.erased_by[i], each.erased_by[i + 1])) {
        return false;
      }
    }
    return true;
  }

private:
  std::uint32_t count(std::uint32_t author) {
    if (typed.size() <= author) {
      typed.resize(author + 1);
    }
    return typed[author]++;
  }
};

/// Whoever has not seen the whole text is refused.
struct strict_text : text_state {
  using entity = cairn::entity<"strict_text", cairn::commands<cairn::named<"type", type_key>>,
                               cairn::snapshot_changes<0>>;
};

/// Whoever has not seen the whole text is understood.
struct shared_text : text_state {
  /// Understood when what the author claims to have seen can be: all of the own keystrokes, of others no more
  /// than there are, and in all as many as the version says that was observed.
  std::optional<type_key> merge(const type_key& stale,
                                const cairn::missed_changes<shared_text>& missed) const {
    std::uint64_t unseen = 0;
    for (std::size_t author = 0; author < typed.size(); ++author) {
      const std::uint32_t seen = author < stale.seen.size() ? stale.seen[author] : 0;
      if (seen > typed[author] || (author == stale.author && seen != typed[author])) {
        return std::nullopt;
      }
      unseen += typed[author] - seen;
    }
    return unseen == missed.size() ? std::optional(stale) : std::nullopt;
  }

  using entity = cairn::entity<"shared_text", cairn::commands<cairn::named<"type", type_key>>,
                               cairn::snapshot_changes<0>, cairn::merge_window<32'768>>;
};

// A class with a base is described, and its base with it.
BOOST_DESCRIBE_STRUCT(text_state, (), (letters, typed))
BOOST_DESCRIBE_STRUCT(strict_text, (text_state), ())
BOOST_DESCRIBE_STRUCT(shared_text, (text_state), ())
