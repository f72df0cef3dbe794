// expect: describe_all_members_or_leave_out_boost_describe<wallet>
#include <cairn/cairn.hpp>

struct wallet {
  std::int64_t gold = 0;
  std::int64_t silver = 0;
  struct spend {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  cairn::decision<spent> decide(const spend& command) const { return spent{command.amount}; }
  void apply(const spent& event) { gold -= event.amount; }
  using entity = cairn::entity<"wallet", cairn::commands<spend>>;
};
#ifdef MUST_COMPILE
BOOST_DESCRIBE_STRUCT(wallet, (), (gold, silver))
#else
BOOST_DESCRIBE_STRUCT(wallet, (), (gold))
#endif

void attempt(cairn::world& world) { world.host<wallet>(); }
