#include "compare/plan/progress.hpp"

#include <fmt/format.h>

namespace cairn::compare {

progress::progress(const settings& how, std::string_view what, std::size_t steps)
    : how_(&how), what_(what), steps_(steps) {}

void progress::step(std::string_view now) {
  ++done_;
  if (!how_->progress) return;
  const double passed = std::chrono::duration<double>(clock::now() - start_).count();
  const double left = passed / static_cast<double>(done_) * static_cast<double>(steps_ - done_);
  how_->progress(fmt::format("{} {} of {}, {:.0f} s left: {}", what_, done_, steps_, left, now));
}

} // namespace cairn::compare
