#include "entities/id_window.hpp"

#include <functional>
#include <utility>

namespace cairn {

std::shared_ptr<const remembered_command> id_window::find(std::string_view id) const noexcept {
  if (!commands_) {
    return nullptr;
  }
  const std::size_t hash = std::hash<std::string_view>{}(id);
  for (auto known = commands_->rbegin(); known != commands_->rend(); ++known) {
    if (known->hash == hash && known->command->id == id) {
      return known->command;
    }
  }
  return nullptr;
}

void id_window::remember(std::shared_ptr<remembered_command> command) {
  if (!commands_) {
    commands_ = std::make_unique<std::deque<known_command>>();
  }
  const std::size_t hash = std::hash<std::string_view>{}(command->id);
  commands_->push_back({hash, std::move(command)});
}

void id_window::forget_newest() noexcept {
  commands_->pop_back();
  if (commands_->empty()) {
    commands_.reset();
  }
}

void id_window::place(version_type version, position_type position) noexcept {
  if (!commands_) {
    return;
  }
  for (auto& known : *commands_) {
    if (known.command->version == version) {
      known.command->position.store(position, std::memory_order_release);
    }
  }
}

void id_window::expire(version_type version) noexcept {
  if (!commands_) {
    return;
  }
  while (!commands_->empty() && commands_->front().command->version + changes_max_ <= version) {
    commands_->pop_front();
  }
  if (commands_->empty()) {
    commands_.reset();
  }
}

} // namespace cairn
