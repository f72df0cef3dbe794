// expect: cannot_be_kept<burner, lamp, [^,]*flame.*describe_it_or_specialise
#include <cairn/json.hpp>

class burner {
public:
  std::int64_t height() const { return height_; }

private:
  std::int64_t height_ = 0;
};

#ifdef MUST_COMPILE
template <>
struct cairn::json::form<burner> {
  static constexpr std::string_view name = "burner";
  using json_type = std::int64_t;
  static std::int64_t to_json(const burner& value) { return value.height(); }
  static std::optional<burner> from_json(std::int64_t /*height*/) { return burner(); }
};
#endif

struct lamp {
  burner flame;
};

std::string attempt() { return cairn::json::shape<lamp>(); }
