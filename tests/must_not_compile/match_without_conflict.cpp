// expect: no type|invoke|no match|matching
#include <cairn/cairn.hpp>

void attempt(const cairn::checked_outcome<>& outcome) {
  outcome.match([](const cairn::accepted<>&) {}, [](const cairn::rejected&) {},
                [](const cairn::failed&) {}
#ifdef MUST_COMPILE
                ,
                [](const cairn::conflict&) {}
#endif
  );
}
