// expect: give_one_another_name_with_named<(wallet::spend, shop::spend|shop::spend, wallet::spend)>
#include <cairn/cairn.hpp>

namespace shop {
struct spend {
  std::int64_t amount = 0;
};
} // namespace shop

struct wallet {
  std::int64_t gold = 0;
  struct spend {
    std::int64_t amount = 0;
  };
  struct spent {
    std::int64_t amount = 0;
  };
  cairn::decision<spent> decide(const spend& command) const { return spent{command.amount}; }
  cairn::decision<spent> decide(const shop::spend& command) const { return spent{command.amount}; }
  void apply(const spent& event) { gold -= event.amount; }
#ifdef MUST_COMPILE
  using entity =
      cairn::entity<"wallet", cairn::commands<spend, cairn::named<"spend_in_shop", shop::spend>>>;
#else
  using entity = cairn::entity<"wallet", cairn::commands<spend, shop::spend>>;
#endif
};

void attempt(cairn::world& world) { world.host<wallet>(); }
