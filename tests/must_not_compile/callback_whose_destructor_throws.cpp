// expect: the destructor of a state, command, event, reply or callback must not throw
#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

struct callback {
#ifndef MUST_COMPILE
  ~callback() noexcept(false) {}
#endif
  void operator()(const cairn::reading<sample::counter>& /*seen*/) const {}
};

void attempt(const cairn::entity_ref<sample::counter>& counter) { counter.post_read(callback{}); }
