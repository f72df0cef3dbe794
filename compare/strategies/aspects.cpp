#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class aspects_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "aspects"; }
  std::string_view what() const noexcept override {
    return "as optimistic, but conflicts only with commands on the same part of the entity";
  }
  bool needs_parts() const noexcept override { return true; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
      case moment::conflict:
        return read_entity;
      case moment::seen:
        return think;
      case moment::thought:
        return send(form::absolute, check::aspect);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& aspects() {
  static const aspects_strategy only;
  return only;
}

} // namespace cairn::compare
