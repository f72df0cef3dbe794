#pragma once

#include <cairn/cairn.hpp>

/// The README's wallet, for the code of docs/guide.
struct wallet {
  std::int64_t gold = 0;

  struct earn {
    std::int64_t amount = 0;
  };
  struct spend {
    std::int64_t amount = 0;
  };
  struct earned {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };

  cairn::decision<earned> decide(const earn& command) const { return earned{command.amount}; }
  cairn::decision<spent> decide(const spend& command) const {
    if (command.amount > gold) {
      return cairn::reject("not enough gold");
    }
    return spent{command.amount};
  }
  void apply(const earned& event) { gold += event.amount; }
  void apply(const spent& event) { gold -= event.amount; }

  using entity = cairn::entity<"wallet", cairn::commands<earn, spend>>;
};
