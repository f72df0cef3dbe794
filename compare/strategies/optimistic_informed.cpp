#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class optimistic_informed_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "optimistic-informed"; }
  std::string_view what() const noexcept override {
    return "as optimistic, but retries from the state that the conflict brought";
  }
  bool informed() const noexcept override { return true; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
        return read_entity;
      case moment::seen:
      case moment::conflict:
        return think;
      case moment::thought:
        return send(form::absolute, check::version);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& optimistic_informed() {
  static const optimistic_informed_strategy only;
  return only;
}

} // namespace cairn::compare
