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
  using entity = cairn::entity<"note", cairn::commands<cairn::named<"write", write>>,
                               cairn::events<cairn::named<"written", written>>,
                               cairn::depends_on<depending, &note::text>>;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))
BOOST_DESCRIBE_STRUCT(note::write, (), (text))
BOOST_DESCRIBE_STRUCT(note::written, (), (text))

void attempt(cairn::world& world) { world.host<note>(); }
