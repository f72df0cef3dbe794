// expect: requires an expectation
#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

void attempt(cairn::world& world) {
  const auto form = world.entity<sample::form>("a");
#ifdef MUST_COMPILE
  form.send(sample::form::write{"x"}, cairn::at(1));
#else
  form.send(sample::form::write{"x"});
#endif
}
