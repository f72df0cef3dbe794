// expect: an aspect is a member of the state
#include <cairn/cairn.hpp>

struct note {
  std::string text;

  struct write {
    std::string text;
  };
  struct written {
    std::string text;
  };
  cairn::decision<written> decide(const write& command) const { return written{command.text}; }
  void apply(const written& event) { text = event.text; }

#ifdef MUST_COMPILE
  static constexpr auto part = &note::text;
#else
  static constexpr auto part = &written::text;
#endif
  using entity = cairn::entity<"note", cairn::commands<write>, cairn::depends_on<write, part>>;
};

void attempt(cairn::world& world) { world.host<note>(); }
