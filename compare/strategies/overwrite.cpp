#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class overwrite_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "overwrite"; }
  std::string_view what() const noexcept override {
    return "reads, thinks, sends the result without a check: what happens without protection";
  }
  bool loses_updates() const noexcept override { return true; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
        return read_entity;
      case moment::seen:
        return think;
      case moment::thought:
        return send(form::absolute, check::none);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& overwrite() {
  static const overwrite_strategy only;
  return only;
}

} // namespace cairn::compare
