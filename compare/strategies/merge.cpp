#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class merge_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "merge"; }
  std::string_view what() const noexcept override {
    return "as optimistic, but the entity merges commands that commute with what was missed";
  }
  bool decides_on_seen() const noexcept override { return false; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
      case moment::conflict:
        return read_entity;
      case moment::seen:
        return think;
      case moment::thought:
        return send(form::relative, check::merged);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& merge() {
  static const merge_strategy only;
  return only;
}

} // namespace cairn::compare
