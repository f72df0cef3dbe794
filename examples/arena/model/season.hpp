#pragma once

#include <cairn/cairn.hpp>

#include <cstdint>

namespace arena {

/// The runs of the program on one directory: one that finds the last season open knows that it was killed.
struct season {
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;

  static constexpr const char* only = "arena"; ///< The id; there is one.

  struct begin {
    std::uint64_t bots = 0;
    std::uint64_t seed = 0;
  };
  struct end {
    std::int64_t settled_us = 0; ///< All that was due until then has happened.
  };

  struct was_begun {
    std::uint64_t bots = 0;
    std::uint64_t seed = 0;
  };
  struct was_ended {
    std::int64_t settled_us = 0;
  };

  cairn::decision<was_begun> decide(const begin& command) const {
    return was_begun{command.bots, command.seed};
  }
  cairn::decision<was_ended> decide(const end& command) const {
    return was_ended{command.settled_us};
  }

  void apply(const was_begun& /*event*/) { ++begun; }
  /// Those that were killed end with it.
  void apply(const was_ended& /*event*/) { ended = begun; }

  bool is_open() const noexcept { return begun != ended; }

  using entity = cairn::entity<
      "season", cairn::commands<begin, end>,
      cairn::events<cairn::named<"begun", was_begun>, cairn::named<"ended", was_ended>>,
      cairn::refuse_expectation>;
};

} // namespace arena
