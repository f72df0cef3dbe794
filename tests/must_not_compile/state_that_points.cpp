// expect: cannot_be_kept<int ?\*, lamp, [^,]*wick.*keep_a_value_or_an_id
#include <cairn/json.hpp>

struct lamp {
  std::int64_t oil = 0;
#ifdef MUST_COMPILE
  std::vector<int> wick;
#else
  std::vector<int*> wick;
#endif
};

std::string attempt() { return cairn::json::shape<lamp>(); }
