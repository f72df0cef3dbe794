#pragma once

#include <cairn/cairn.hpp>

#include "player.hpp"

#include <cstdint>
#include <string>

namespace arena {

/// Ore in the ground. Digging takes from it until it is worked out; what crumbles of buildings comes back. What is dug
/// goes to its digger as a message, and back again when the bag is full.
/// Takes commands with and without an expectation: who digs at the version that was seen takes what it saw, who digs
/// without looking takes what there is.
struct deposit {
  std::int64_t ore = 0;
  std::uint64_t digs = 0;

  struct open {
    std::int64_t ore = 0;
  };
  struct dig {
    std::string digger; ///< Id of a player.
    std::int64_t ore = 0;
  };
  struct crumble {
    std::int64_t ore = 0;
  };

  struct opened {
    std::int64_t ore = 0;
  };
  struct dug {
    std::uint64_t number = 0; ///< From 1.
    std::string digger;
    std::int64_t ore = 0;
  };
  struct came_back {
    std::uint64_t number = 0;
    std::int64_t ore = 0;
  };
  struct crumbled {
    std::int64_t ore = 0;
  };

  cairn::decision<opened> decide(const open& command) const { return opened{command.ore}; }

  cairn::decision<dug, cairn::message<player, player::carry>> decide(
      const dig& command, const cairn::context& ctx) const {
    if (command.ore <= 0) {
      return cairn::reject("dig for something");
    }
    if (ore < command.ore) {
      return cairn::reject(ore == 0 ? "it is worked out"
                                    : "only " + std::to_string(ore) + " ore is left");
    }
    const std::string self(cairn::id_of(ctx.entity()));
    return {dug{digs + 1, command.digger, command.ore},
            cairn::message<player, player::carry>{command.digger, {self, digs + 1, command.ore}}};
  }

  cairn::decision<crumbled> decide(const crumble& command) const {
    if (command.ore <= 0) {
      return cairn::reject("nothing crumbles");
    }
    return crumbled{command.ore};
  }

  /// Its digger could not carry it.
  cairn::decision<came_back> decide(const cairn::undelivered& message) const {
    const auto load = message.as<player, player::carry>();
    if (!load) {
      return cairn::reject("it sent no such thing");
    }
    return came_back{load->number, load->ore};
  }

  void apply(const opened& event) { ore += event.ore; }
  void apply(const dug& event) {
    ore -= event.ore;
    digs = event.number;
  }
  void apply(const came_back& event) { ore += event.ore; }
  void apply(const crumbled& event) { ore += event.ore; }

  using entity = cairn::entity<"deposit", cairn::commands<open, dig, crumble>>;
};

} // namespace arena
