// expect: cannot_be_kept<std::chrono::time_point<.*>, lamp, [^,]*lit.*keep_cairn_time_point
#include <cairn/json.hpp>

struct lamp {
#ifdef MUST_COMPILE
  std::chrono::system_clock::time_point lit;
#else
  std::chrono::steady_clock::time_point lit;
#endif
};

std::string attempt() { return cairn::json::shape<lamp>(); }
