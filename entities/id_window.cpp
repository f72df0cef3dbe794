#include "entities/id_window.hpp"

#include <cairn/detail/entity_type.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace cairn {

namespace {

/// From so many on, a look-up goes by an index; fewer are looked through faster than one is kept.
constexpr std::size_t indexed_from = 32;

/// Of a window that never forgets, so many changes are kept whole.
constexpr std::uint32_t whole_changes = 128;

} // namespace

content_hash hash_id(std::string_view id) noexcept { return hash_content("$id", id); }

id_window::id_window(std::uint32_t changes_max) noexcept
    : past_(changes_max == for_ever ? std::make_unique<past_ids>() : nullptr),
      changes_max_(changes_max == for_ever ? whole_changes : changes_max) {}

std::shared_ptr<remembered_command> id_window::find(std::string_view id) const {
  if (commands_) {
    if (const auto* known = look_up(std::hash<std::string_view>{}(id), id); known != nullptr) {
      return known->command;
    }
  }
  if (!past_ || past_->empty()) {
    return nullptr;
  }
  const auto past = past_->find(hash_id(id));
  if (past == past_->end()) {
    return nullptr;
  }
  auto known = std::make_shared<remembered_command>();
  known->id = id;
  known->version = past->second;
  known->what = remembered_command::known::version_alone;
  return known;
}

const id_window::known_command* id_window::look_up(std::size_t hash,
                                                   std::string_view id) const noexcept {
  if (index_) {
    const auto found = index_->find(hash);
    if (found == index_->end()) {
      return nullptr;
    }
    if (found->second->command->id == id) {
      return found->second;
    } // two ids of one hash: the others are looked through
  }
  const auto found = std::find_if(
      commands_->rbegin(), commands_->rend(),
      [&](const known_command& known) { return known.hash == hash && known.command->id == id; });
  return found == commands_->rend() ? nullptr : &*found;
}

void id_window::remember(std::shared_ptr<remembered_command> command) {
  if (!commands_) {
    commands_ = std::make_unique<std::deque<known_command>>();
  }
  const std::size_t hash = std::hash<std::string_view>{}(command->id);
  reply_bytes_ += command->reply.size();
  index(commands_->emplace_back(known_command{hash, std::move(command)}));
  leave_old_replies_to_the_journal();
}

void id_window::index(const known_command& known) {
  if (index_) {
    (*index_)[known.hash] = &known;
  } else if (commands_->size() >= indexed_from) {
    index_ = std::make_unique<id_index>();
    for (const auto& each : *commands_) {
      (*index_)[each.hash] = &each;
    }
  }
}

void id_window::leave_old_replies_to_the_journal() noexcept {
  while (reply_bytes_ > reply_bytes_max && without_reply_ < commands_->size()) {
    auto& oldest = *(*commands_)[without_reply_++].command;
    if (!oldest.reply.empty()) {
      reply_bytes_ -= oldest.reply.size();
      oldest.reply = {};
      oldest.what = remembered_command::known::but_for_reply;
    }
  }
}

void id_window::forget_newest() noexcept {
  const auto& newest = commands_->back();
  reply_bytes_ -= newest.command->reply.size();
  index_.reset(); // made anew with the next one: another id may have the same hash
  commands_->pop_back();
  without_reply_ = std::min(without_reply_, commands_->size());
  if (commands_->empty()) {
    commands_.reset();
  }
}

std::uint32_t id_window::snapshot_stretch() const noexcept {
  constexpr std::size_t bytes_at_each = 64U << 10U;
  return std::bit_ceil(static_cast<std::uint32_t>(past_size() * past_id_bytes / bytes_at_each + 1));
}

void id_window::place(version_type version, position_type position) noexcept {
  if (!commands_) {
    return;
  }
  const auto found = std::partition_point(
      commands_->begin(), commands_->end(),
      [version](const known_command& known) { return known.command->version < version; });
  if (found != commands_->end() && found->command->version == version) {
    found->command->position.store(position, std::memory_order_release);
  }
}

void id_window::expire(version_type version) {
  if (!commands_) {
    return;
  }
  while (!commands_->empty() && commands_->front().command->version + changes_max_ <= version) {
    if (past_) {
      const auto& oldest = *commands_->front().command;
      (*past_)[hash_id(oldest.id)] = oldest.version;
    }
    forget_front();
  }
  if (commands_->empty()) {
    commands_.reset();
    index_.reset();
  }
}

void id_window::forget_front() noexcept {
  const auto& oldest = commands_->front();
  reply_bytes_ -= oldest.command->reply.size();
  without_reply_ -= without_reply_ > 0 ? 1U : 0U;
  if (index_) {
    const auto found = index_->find(oldest.hash);
    if (found != index_->end() && found->second == &oldest) {
      index_->erase(found);
    }
  }
  commands_->pop_front();
}

} // namespace cairn
