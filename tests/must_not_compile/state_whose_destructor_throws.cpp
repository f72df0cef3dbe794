// expect: the destructor of a state, command, event, reply or callback must not throw
#include <cairn/cairn.hpp>

struct note {
  std::string text;

#ifndef MUST_COMPILE
  note() = default;
  note(const note&) = default;
  note& operator=(const note&) = default;
  ~note() noexcept(false) {}
#endif

  struct write {
    std::string text;
  };
  struct written {
    std::string text;
  };
  cairn::decision<written> decide(const write& command) const { return written{command.text}; }
  void apply(const written& event) { text = event.text; }

  using entity = cairn::entity<"note", cairn::commands<write>>;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))

void attempt(cairn::world& world) { world.host<note>(); }
