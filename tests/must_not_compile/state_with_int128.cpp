// expect: cannot_be_kept<__int128, lamp, [^,]*oil.*keep_std_int64_t
// dialect: gnu++20
#include <cairn/json.hpp>

__extension__ typedef __int128 wide;

struct lamp {
#ifdef MUST_COMPILE
  std::int64_t oil = 0;
#else
  wide oil = 0;
#endif
};

std::string attempt() { return cairn::json::shape<lamp>(); }
