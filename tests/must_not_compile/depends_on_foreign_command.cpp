// expect: add_command_to_commands_of_entity<
#include <cairn/cairn.hpp>

struct other {
  std::string text;
};

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
  using depending = write;
#else
  using depending = other;
#endif
  using entity =
      cairn::entity<"note", cairn::commands<write>, cairn::depends_on<depending, &note::text>>;
};

void attempt(cairn::world& world) { world.host<note>(); }
