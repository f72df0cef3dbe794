// expect: add_apply_for_event<wallet, wallet::taxed>
#include <cairn/cairn.hpp>

struct wallet {
  std::int64_t gold = 0;
  struct spend {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  struct taxed {
    std::int64_t amount = 0;
  };
  cairn::decision<spent, taxed> decide(const spend& command) const {
    return {spent{command.amount}, taxed{1}};
  }
  void apply(const spent& event) { gold -= event.amount; }
#ifdef MUST_COMPILE
  void apply(const taxed& event) { gold -= event.amount; }
#endif
  using entity = cairn::entity<"wallet", cairn::commands<spend>>;
};

void attempt(cairn::world& world) { world.host<wallet>(); }
