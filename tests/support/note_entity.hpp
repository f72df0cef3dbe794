#pragma once

#include <cairn/cairn.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace sample {

/// Holds a text of any length, which may come with its command or be made by it.
struct note {
  std::string text;

  /// Commands that were decided, of all notes, so that a test knows how far an entity has got.
  static inline std::atomic<int> decided{0};

  struct put {
    std::string text;
  };
  struct grow {
    std::int64_t bytes = 0; ///< The command is small, its change is not.
  };
  struct copy {
    std::int64_t bytes = 0; ///< Neither it nor its change is large, its reply is.
  };
  struct written {
    std::string text;
  };
  struct copied {};

  cairn::decision<written> decide(const put& command) const {
    ++decided;
    return written{command.text};
  }
  cairn::decision<written> decide(const grow& command) const {
    return written{std::string(static_cast<std::size_t>(command.bytes), 'g')};
  }
  cairn::decision<cairn::replies<std::string>, copied> decide(const copy& command) const {
    return {cairn::reply{std::string(static_cast<std::size_t>(command.bytes), 'c')}, copied{}};
  }
  void apply(const written& event) { text = event.text; }
  void apply(const copied& /*event*/) {}

  using entity =
      cairn::entity<"note", cairn::commands<put, grow, copy>, cairn::snapshot_changes<10>>;
};

/// Posts texts to notes.
struct mailer {
  std::int64_t posted = 0;

  struct post {
    std::string to;
    std::int64_t bytes = 0;
  };
  struct was_posted {};

  cairn::decision<was_posted, cairn::message<note, note::put>> decide(const post& c) const {
    return {was_posted{},
            cairn::message<note, note::put>{
                c.to, note::put{std::string(static_cast<std::size_t>(c.bytes), 'm')}}};
  }
  void apply(const was_posted& /*event*/) { ++posted; }

  using entity = cairn::entity<"mailer", cairn::commands<post>>;
};

} // namespace sample
