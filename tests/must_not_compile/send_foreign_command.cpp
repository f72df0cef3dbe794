// expect: add_command_to_commands_of_entity<sample::counter, sample::tally::count>
#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

void attempt(cairn::world& world) {
  const auto counter = world.entity<sample::counter>("a");
#ifdef MUST_COMPILE
  counter.send(sample::counter::add{1});
#else
  counter.send(sample::tally::count{1});
#endif
}
