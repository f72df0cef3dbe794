#include "runtime/caf/entity_lives.hpp"

#include <utility>

namespace cairn::runtime {

entity_lives::one::one(std::shared_ptr<entity_lives> all) : all_(std::move(all)) {
  const std::lock_guard lock(all_->mutex_);
  ++all_->running_;
  ++all_->there_;
}

entity_lives::one::~one() {
  end();
  const std::lock_guard lock(all_->mutex_);
  if (--all_->there_ == 0) {
    all_->changed_.notify_all();
  }
}

void entity_lives::one::end() noexcept {
  if (!std::exchange(ended_, true)) {
    const std::lock_guard lock(all_->mutex_);
    if (--all_->running_ == 0) {
      all_->changed_.notify_all();
    }
  }
}

void entity_lives::await_ended() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return running_ == 0; });
}

void entity_lives::await_gone() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return there_ == 0; });
}

} // namespace cairn::runtime
