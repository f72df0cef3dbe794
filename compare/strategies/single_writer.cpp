#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class single_writer_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "single-writer"; }
  std::string_view what() const noexcept override {
    return "sends a relative command without expectation";
  }
  bool decides_on_seen() const noexcept override { return false; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
        return think;
      case moment::thought:
        return send(form::relative, check::none);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& single_writer() {
  static const single_writer_strategy only;
  return only;
}

} // namespace cairn::compare
