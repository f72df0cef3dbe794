#include "compare/plan/strategy.hpp"

namespace cairn::compare {

namespace {

class lease_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "lease"; }
  std::string_view what() const noexcept override {
    return "takes a lease on the entity, reads, thinks, sends, releases: nobody else may send "
           "meanwhile";
  }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
      case moment::waited:
        return acquire_lease;
      case moment::busy:
        return wait_a_while;
      case moment::granted:
        return read_entity;
      case moment::seen:
        return think;
      case moment::thought:
        return send(form::absolute, check::lease);
      case moment::accepted:
        return release_lease;
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& lease() {
  static const lease_strategy only;
  return only;
}

} // namespace cairn::compare
