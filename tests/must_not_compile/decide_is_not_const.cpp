// expect: make_decide_const<wallet, wallet::spend>
#include <cairn/cairn.hpp>

#ifdef MUST_COMPILE
#define CONST const
#else
#define CONST
#endif

struct wallet {
  std::int64_t gold = 0;
  struct spend {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  cairn::decision<spent> decide(const spend& command) CONST { return spent{command.amount}; }
  void apply(const spent& event) { gold -= event.amount; }
  using entity = cairn::entity<"wallet", cairn::commands<spend>>;
};

void attempt(cairn::world& world) { world.host<wallet>(); }
