// The README's first entity: a wallet that two clients see, and one of them too late.
#include <cairn/cairn.hpp>

#include <iostream>

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

int main() {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  alice.send(wallet::earn{100}).get();

  const auto seen = alice.read().get(); // two clients see 100 gold at version 1
  for (const char* client : {"first", "second"}) {
    const auto outcome = alice.send(wallet::spend{60}, cairn::at(seen.version)).get();
    std::cout << client << " client: ";
    outcome.match(
        [](const cairn::accepted<>& done) {
          std::cout << "accepted, version " << done.version << "\n";
        },
        [](const cairn::conflict& met) {
          std::cout << "conflict, expected version " << met.expected.version() << ", it is at "
                    << met.actual << "\n";
        },
        [](const cairn::rejected& no) { std::cout << "rejected: " << no.reason << "\n"; },
        [](const cairn::failed& broken) { std::cout << "failed: " << broken.message << "\n"; });
  }
  std::cout << "gold left: " << alice.read().get().state.gold << "\n";
}
