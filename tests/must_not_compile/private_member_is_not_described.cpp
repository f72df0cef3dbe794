// expect: describe_all_members_or_leave_out_boost_describe<wallet>
#include <cairn/cairn.hpp>

class wallet {
public:
  struct spend {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  cairn::decision<spent> decide(const spend& command) const { return spent{command.amount}; }
  void apply(const spent& event) { gold_ -= event.amount; }
  using entity = cairn::entity<"wallet", cairn::commands<spend>>;

private:
  std::int64_t gold_ = 0;
  std::int64_t silver_ = 0;
#ifdef MUST_COMPILE
  BOOST_DESCRIBE_CLASS(wallet, (), (), (), (gold_, silver_))
#else
  BOOST_DESCRIBE_CLASS(wallet, (), (), (), (gold_))
#endif
};

void attempt(cairn::world& world) { world.host<wallet>(); }
