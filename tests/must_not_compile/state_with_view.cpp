// expect: cannot_be_kept<std::basic_string_view<char>, lamp, [^,]*maker.*keep_std_string
#include <cairn/json.hpp>

struct lamp {
#ifdef MUST_COMPILE
  std::string maker;
#else
  std::string_view maker;
#endif
};

std::string attempt() { return cairn::json::shape<lamp>(); }
