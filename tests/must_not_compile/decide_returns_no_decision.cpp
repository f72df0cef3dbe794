// expect: return_cairn_decision_from_decide<wallet, wallet::spend>
#include <cairn/cairn.hpp>

struct wallet {
  std::int64_t gold = 0;
  struct spend {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
#ifdef MUST_COMPILE
  cairn::decision<spent> decide(const spend& command) const { return spent{command.amount}; }
#else
  spent decide(const spend& command) const { return spent{command.amount}; }
#endif
  void apply(const spent& event) { gold -= event.amount; }
  using entity = cairn::entity<"wallet", cairn::commands<spend>>;
};

void attempt(cairn::world& world) { world.host<wallet>(); }
