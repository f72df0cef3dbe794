// expect: refuses expectations
#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

void attempt(cairn::world& world) {
  const auto tally = world.entity<sample::tally>("a");
#ifdef MUST_COMPILE
  tally.send(sample::tally::count{1});
#else
  tally.send(sample::tally::count{1}, cairn::at(1));
#endif
}
