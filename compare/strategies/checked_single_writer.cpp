#include "compare/strategy.hpp"

namespace cairn::compare {

namespace {

/// Only for clients with an entity each, who know its version from their last reply.
class checked_single_writer_strategy final : public strategy {
public:
  std::string_view name() const noexcept override { return "checked-single-writer"; }
  std::string_view what() const noexcept override {
    return "sends a relative command with an expectation that always holds";
  }
  bool decides_on_seen() const noexcept override { return false; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
        return think;
      case moment::thought:
        return send(form::relative, check::version);
      default:
        return finish;
    }
  }
};

} // namespace

const strategy& checked_single_writer() {
  static const checked_single_writer_strategy only;
  return only;
}

} // namespace cairn::compare
