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
  if (window_) {
    const auto* known = window_->look_up(std::hash<std::string_view>{}(id), id);
    if (known != nullptr) {
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

const id_window::known_command* id_window::window::look_up(std::size_t hash,
                                                           std::string_view id) const noexcept {
  if (index) {
    const auto found = index->find(hash);
    if (found == index->end()) {
      return nullptr;
    }
    if (found->second->command->id == id) {
      return found->second;
    } // two ids of one hash: the others are looked through
  }
  const auto found = std::find_if(
      commands.rbegin(), commands.rend(),
      [&](const known_command& known) { return known.hash == hash && known.command->id == id; });
  return found == commands.rend() ? nullptr : &*found;
}

void id_window::remember(std::shared_ptr<remembered_command> command) {
  if (!window_) {
    window_ = std::make_unique<window>();
  }
  const std::size_t hash = std::hash<std::string_view>{}(command->id);
  window_->reply_bytes += command->reply.size();
  window_->enter(window_->commands.emplace_back(known_command{hash, std::move(command)}));
  window_->leave_old_replies_to_the_journal();
}

void id_window::window::enter(const known_command& known) {
  if (index) {
    (*index)[known.hash] = &known;
  } else if (commands.size() >= indexed_from) {
    index = std::make_unique<id_index>();
    for (const auto& each : commands) {
      (*index)[each.hash] = &each;
    }
  }
}

void id_window::window::leave_old_replies_to_the_journal() noexcept {
  while (reply_bytes > reply_bytes_max && without_reply < commands.size()) {
    auto& oldest = *commands[without_reply++].command;
    if (!oldest.reply.empty()) {
      reply_bytes -= oldest.reply.size();
      oldest.reply = {};
      oldest.what = remembered_command::known::but_for_reply;
    }
  }
}

void id_window::forget_newest() noexcept {
  auto& commands = window_->commands;
  window_->reply_bytes -= commands.back().command->reply.size();
  window_->index.reset(); // made anew with the next one: another id may have the same hash
  commands.pop_back();
  window_->without_reply = std::min(window_->without_reply, commands.size());
  if (commands.empty()) {
    window_.reset();
  }
}

std::uint32_t id_window::snapshot_stretch() const noexcept {
  constexpr std::size_t bytes_at_each = 64U << 10U;
  return std::bit_ceil(static_cast<std::uint32_t>(past_size() * past_id_bytes / bytes_at_each + 1));
}

void id_window::place(version_type version, position_type position) noexcept {
  if (!window_) {
    return;
  }
  const auto& commands = window_->commands;
  const auto found = std::partition_point(
      commands.begin(), commands.end(),
      [version](const known_command& known) { return known.command->version < version; });
  if (found != commands.end() && found->command->version == version) {
    found->command->position.store(position, std::memory_order_release);
  }
}

void id_window::expire(version_type version) {
  if (!window_) {
    return;
  }
  const auto& commands = window_->commands;
  while (!commands.empty() && commands.front().command->version + changes_max_ <= version) {
    if (past_) {
      const auto& oldest = *commands.front().command;
      (*past_)[hash_id(oldest.id)] = oldest.version;
    }
    window_->forget_front();
  }
  if (commands.empty()) {
    window_.reset();
  }
}

void id_window::window::forget_front() noexcept {
  const auto& oldest = commands.front();
  reply_bytes -= oldest.command->reply.size();
  without_reply -= without_reply > 0 ? 1U : 0U;
  if (index) {
    const auto found = index->find(oldest.hash);
    if (found != index->end() && found->second == &oldest) {
      index->erase(found);
    }
  }
  commands.pop_front();
}

} // namespace cairn
