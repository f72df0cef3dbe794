// expect: decision
#include <cairn/entity.hpp>

struct rolled {
  int pips = 0;
};

cairn::decision<cairn::replies<int>, rolled> attempt() {
#ifdef MUST_COMPILE
  return {rolled{4}, cairn::reply{4}};
#else
  return rolled{4};
#endif
}
