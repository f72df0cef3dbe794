#pragma once

#include <cairn/cairn.hpp>

#include <cstdint>
#include <string>

namespace arena {

/// Who digs, carries, trades and builds. Gold and ore are aspects: a bot that packs the ore that it saw is not held up
/// by gold that came in meanwhile.
struct player {
  std::int64_t gold = 0;
  std::int64_t ore = 0; ///< In the bag.

  static constexpr std::int64_t bag_max = 60;

  struct join {
    std::int64_t gold = 0;
  };
  struct carry {
    std::string deposit;      ///< Where it was dug,
    std::uint64_t number = 0; ///< and which dig of that deposit it was.
    std::int64_t ore = 0;
  };
  /// Ore out of the bag and into a listing, and back again when nobody bought it.
  struct pack {
    std::string listing;
    std::int64_t ore = 0;
  };
  struct unpack {
    std::string listing;
    std::int64_t ore = 0;
  };
  struct buy {
    std::string listing;
    std::int64_t price = 0;
    std::int64_t ore = 0;
  };
  struct collect {
    std::string listing;
    std::int64_t price = 0;
  };
  struct build {
    std::string deposit; ///< Where it stands, and crumbles.
    std::int64_t ore = 0;
  };

  struct joined {
    std::int64_t gold = 0;
  };
  struct carried {
    std::string deposit;
    std::uint64_t number = 0;
    std::int64_t ore = 0;
  };
  struct packed {
    std::string listing;
    std::int64_t ore = 0;
  };
  struct unpacked {
    std::string listing;
    std::int64_t ore = 0;
  };
  struct bought {
    std::string listing;
    std::int64_t price = 0;
    std::int64_t ore = 0;
  };
  struct collected {
    std::string listing;
    std::int64_t price = 0;
  };
  struct built {
    std::string deposit;
    std::int64_t ore = 0;
  };

  cairn::decision<joined> decide(const join& command) const { return joined{command.gold}; }

  cairn::decision<carried> decide(const carry& command) const {
    if (ore + command.ore > bag_max) {
      return cairn::reject("the bag is full");
    }
    return carried{command.deposit, command.number, command.ore};
  }
  cairn::decision<packed> decide(const pack& command) const {
    if (command.ore <= 0 || command.ore > ore) {
      return cairn::reject("there is no such ore in the bag");
    }
    return packed{command.listing, command.ore};
  }
  /// Never refused: a bag may hold too much, but ore must have a place to go to.
  cairn::decision<unpacked> decide(const unpack& command) const {
    return unpacked{command.listing, command.ore};
  }
  cairn::decision<bought> decide(const buy& command) const {
    if (command.price > gold) {
      return cairn::reject("not enough gold");
    }
    if (ore + command.ore > bag_max) {
      return cairn::reject("the bag is full");
    }
    return bought{command.listing, command.price, command.ore};
  }
  cairn::decision<collected> decide(const collect& command) const {
    return collected{command.listing, command.price};
  }
  cairn::decision<built> decide(const build& command) const {
    if (command.ore <= 0 || command.ore > ore) {
      return cairn::reject("there is no such ore in the bag");
    }
    return built{command.deposit, command.ore};
  }

  void apply(const joined& event) { gold += event.gold; }
  void apply(const carried& event) { ore += event.ore; }
  void apply(const packed& event) { ore -= event.ore; }
  void apply(const unpacked& event) { ore += event.ore; }
  void apply(const bought& event) {
    gold -= event.price;
    ore += event.ore;
  }
  void apply(const collected& event) { gold += event.price; }
  void apply(const built& event) { ore -= event.ore; }

  using entity =
      cairn::entity<"player", cairn::commands<join, carry, pack, unpack, buy, collect, build>,
                    cairn::aspect<&player::ore, cairn::commands<carry, pack, build>,
                                  cairn::events<carried, packed, unpacked, built>>,
                    cairn::touches<collected, &player::gold>>;
};

} // namespace arena
