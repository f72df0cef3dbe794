#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class store_optimistic_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "store-optimistic"; }
  std::string_view what() const noexcept override {
    return "has no entities: threads load, decide and append to the store at the version loaded, "
           "and retry";
  }
  place where() const noexcept override { return place::store; }

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

const strategy& store_optimistic() {
  static const store_optimistic_strategy only;
  return only;
}

} // namespace cairn::compare
