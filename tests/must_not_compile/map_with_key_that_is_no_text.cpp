// expect: cannot_be_kept<std::map<double, int ?>, lamp, [^,]*marks.*use_a_key
#include <cairn/json.hpp>

struct lamp {
#ifdef MUST_COMPILE
  std::map<int, int> marks;
#else
  std::map<double, int> marks;
#endif
};

std::string attempt() { return cairn::json::shape<lamp>(); }
