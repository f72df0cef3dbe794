// expect: cannot_be_kept<std::variant<.*>, lamp, [^,]*lit_by.*give_each_alternative
#include <cairn/json.hpp>

namespace gas {
struct flame {};
} // namespace gas
namespace oil {
struct flame {};
} // namespace oil

#ifdef MUST_COMPILE
template <>
struct cairn::json::alternative<oil::flame> {
  static constexpr std::string_view name = "oil";
};
#endif

struct lamp {
  std::variant<gas::flame, oil::flame> lit_by;
};

std::string attempt() { return cairn::json::shape<lamp>(); }
