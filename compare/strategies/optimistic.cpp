#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class optimistic_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "optimistic"; }
  std::string_view what() const noexcept override {
    return "reads, thinks, sends at the version seen; on conflict reads again and retries";
  }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
      case moment::conflict:
        return read_entity;
      case moment::seen:
        return think;
      case moment::thought:
        return send(form::absolute, check::version);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& optimistic() {
  static const optimistic_strategy only;
  return only;
}

} // namespace cairn::compare
