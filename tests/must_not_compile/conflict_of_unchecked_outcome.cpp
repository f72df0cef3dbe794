// expect: no member named|has no member
#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

bool attempt(cairn::world& world) {
  const auto counter = world.entity<sample::counter>("a");
#ifdef MUST_COMPILE
  return counter.send(sample::counter::add{1}, cairn::at(1)).get().conflict() != nullptr;
#else
  return counter.send(sample::counter::add{1}).get().conflict() != nullptr;
#endif
}
