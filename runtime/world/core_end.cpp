#include <cairn/detail/future.hpp>

#include "runtime/world/core.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

/// How a world ends.
namespace cairn::runtime {

/// A thread that the world needs for its end cannot wait for it, and going on would leave everybody a world that is gone.
world_core::~world_core() {
  const status ended = close();
  if (ended.error == runtime_errc::would_block) {
    std::fprintf(stderr, "cairn: bug: a world was destroyed where it cannot be waited for: %s\n",
                 ended.message.c_str());
    std::abort();
  }
}

status world_core::is_closing() {
  return {runtime_errc::shutting_down, "the world is closing, or closed"};
}

bool world_core::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

/// As `submit`: who comes when it closes is not counted, so that it does not wait for those who come again and again.
world_core::visit::visit(world_core& world)
    : world_(world), counts_(!world.closing_.load(std::memory_order_seq_cst)) {
  if (counts_) {
    world_.in_flight_.fetch_add(1, std::memory_order_seq_cst); // before `closing_` is looked at
    admitted_ = !world_.closing_.load(std::memory_order_seq_cst);
  }
}

world_core::visit::~visit() {
  if (counts_) {
    world_.request_finished();
  }
}

status world_core::close() {
  auto refused = detail::may_wait("world::close");
  {
    std::unique_lock lock(mutex_);
    if (!closed_ && !refused.ok()) {
      return refused;
    }
    if (std::exchange(ends_, true)) { // somebody else is at it, or was
      changed_.wait(lock, [this] { return closed_; });
      return close_status_;
    }
  }
  auto ended = end_all();
  const std::lock_guard lock(mutex_);
  closed_ = true;
  close_status_ = ended;
  changed_.notify_all();
  return ended;
}

status world_core::close_in_haste() {
  in_haste_.store(true, std::memory_order_relaxed);
  return close();
}

/// Finishes what is under way, and ends all threads. What others may still ask stays: it answers as it last was.
status world_core::end_all() {
  closing_.store(true, std::memory_order_seq_cst);
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_.load(std::memory_order_seq_cst) == 0; });
    maintenance_ends_ = true;
    port_number_.reset();
    changed_.notify_all();
  }
  agenda_->stop();
  maintenance_.join();
  metrics_.freeze();
  port_.reset();
  end_pumps();
  snapshot_resting();
  reader_->stop();
  loader_->finish();
  actors_->stop(directory_->slots());
  actors_.reset();
  refusals_.reset(); // before the directory is another's
  auto ended = journal_->close();
  log_.write(ended.ok() ? log_level::info : log_level::error, "closed",
             {{"message", ended.message}});
  return ended;
}

/// So that what was in memory is soon there again when the journal is opened next.
void world_core::snapshot_resting() {
  constexpr std::size_t at_once = 64;
  if (has_stopped()) {
    return;
  }
  for (const auto& slot : directory_->slots()) {
    if (in_haste_.load(std::memory_order_relaxed)) {
      break;
    }
    if (is_worth_a_snapshot(slot->type(), slot->committed(), slot->snapshotted()) &&
        slot->enter(slot::no_bound) == slot::entry::entered) {
      resting_.await_fewer_than(at_once);
      slot->deliver(detail::request_ptr(new rest_request(resting_, slot, true)));
    }
  }
  resting_.await_fewer_than(1); // those of entities that have just left, too
}

void world_core::end_pumps() {
  std::vector<std::weak_ptr<subscription_pump>> pumps;
  {
    const std::lock_guard lock(pumps_mutex_);
    pumps.swap(pumps_);
  }
  for (const auto& pump : pumps) { // without the lock, since a call may subscribe
    if (const auto running = pump.lock()) {
      running->stop();
    }
  }
}

} // namespace cairn::runtime
