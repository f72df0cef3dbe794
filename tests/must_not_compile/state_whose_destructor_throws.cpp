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

  using entity = cairn::entity<"note", cairn::commands<cairn::named<"write", write>>,
                               cairn::events<cairn::named<"written", written>>>;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))
BOOST_DESCRIBE_STRUCT(note::write, (), (text))
BOOST_DESCRIBE_STRUCT(note::written, (), (text))

void attempt(cairn::world& world) { world.host<note>(); }
