#include <cairn/detail/guard.hpp>

#include "persistence/replay/group_recovery.hpp"
#include "runtime/threads/own_thread.hpp"
#include "runtime/world/core.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace cairn::runtime {

namespace {

/// Ids come from the journal in pages.
constexpr std::size_t preload_page_rows = 1'000;

/// Entities between two calls of the progress.
constexpr std::size_t progress_entities = 1'000;

/// What the loading threads tell the one that waits for them.
class preload_state {
public:
  explicit preload_state(std::size_t jobs) : jobs_(jobs) {}

  void loaded(status failure) {
    const std::lock_guard lock(mutex_);
    if (!failure.ok() && failure_.ok()) {
      failure_ = std::move(failure);
    }
    if (++loaded_ % progress_entities == 0) {
      changed_.notify_one();
    }
  }

  void ended() {
    const std::lock_guard lock(mutex_);
    --jobs_;
    changed_.notify_one();
  }

  /// Waits for the end, or for more than `known`. True: it is the end.
  bool await(std::size_t& known) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return jobs_ == 0 || loaded_ >= known + progress_entities; });
    known = loaded_;
    return jobs_ == 0;
  }

  status take_failure() { return std::move(failure_); }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t jobs_;
  std::size_t loaded_ = 0;
  status failure_;
};

/// Loads the share of one thread, which nobody sends away meanwhile: they are counted into their slots.
void load_share(const journal& source, const std::vector<slot_ptr>& cold, std::size_t first,
                std::size_t step, preload_state& state) {
  std::vector<slot_ptr> share;
  std::vector<persistence::wanted_entity> wanted;
  for (std::size_t i = first; i < cold.size(); i += step) {
    share.push_back(cold[i]);
    wanted.push_back({&cold[i]->type(), cold[i]->key()});
  }
  persistence::recover_entities(
      source, wanted, [&](std::size_t index, persistence::recovered_entity recovered) {
        slot& slot = *share[index];
        if (recovered.failure.ok()) {
          auto loaded = std::make_shared<loaded_entity>();
          loaded->entity = std::move(recovered.entity);
          loaded->snapshot = recovered.snapshot;
          loaded->activation =
              1; // it has no other yet; one that was quicker makes this one superfluous
          slot.deliver(std::move(loaded));
        }
        slot.leave();
        state.loaded(std::move(recovered.failure));
      });
}

} // namespace

/// Counts into their slots as many as fit, in order of their ids; `cold` gets those that are not in memory. Returns how
/// many are.
std::size_t world_core::enter_to_preload(const entity_type& type, std::vector<slot_ptr>& cold,
                                         status& wrong) {
  const std::size_t most = options_.limits.resident_max - options_.limits.resident_max / 8;
  std::size_t warm = 0;
  std::string after;
  std::vector<listed_head> page;
  do {
    if (wrong = journal_->heads(type.name, after, preload_page_rows, false, page); !wrong.ok()) {
      return warm;
    }
    for (const auto& row : page) {
      slot_ptr slot;
      if (directory_->size() >= most ||
          directory_->enter({row.entity, type}, slot) != directory::entry::entered) {
        wrong = {runtime_errc::overloaded,
                 std::to_string(warm + cold.size()) + " entities of " + type.name +
                     " were loaded; there are more, and no room for them (limits::resident_max)"};
        return warm;
      }
      if (slot->is_loaded()) {
        slot->leave();
        ++warm;
      } else {
        cold.push_back(std::move(slot));
      }
    }
    if (!page.empty()) {
      after = id_of(page.back().entity);
    }
  } while (page.size() == preload_page_rows);
  return warm;
}

status world_core::preload(const entity_type& type, const preload_progress& progress) {
  const visit inside(*this); // the world does not close meanwhile
  status wrong;
  std::vector<slot_ptr> cold;
  std::size_t warm = 0;
  if (admits(0, wrong) &&
      is_good(detail::entity_address(entity_key(type.name, "any"), type), wrong)) {
    warm = enter_to_preload(type, cold, wrong);
  }
  const std::size_t jobs = cold.empty() ? 0 : std::min(loader_->threads(), cold.size());
  preload_state state(jobs);
  activations_.fetch_add(cold.size(), std::memory_order_relaxed);
  for (std::size_t job = 0; job < jobs; ++job) {
    loader_->run([&, job] {
      detail::guard([&] { load_share(*journal_, cold, job, jobs, state); },
                    [&](const std::string& thrown) {
                      state.loaded({entity_errc::entity_error, "loading threw: " + thrown});
                    });
      state.ended();
    });
  }
  std::exception_ptr thrown;
  std::size_t known = 0;
  for (bool ended = jobs == 0; !ended;) {
    ended = state.await(known);
    try {
      if (progress && !thrown) {
        const own_thread here("preload's progress"); // the world does not end before it
        progress(warm + known, warm + cold.size());
      }
    } catch (...) {
      thrown = std::current_exception(); // the threads still use what is here
    }
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  auto failure = state.take_failure();
  return failure.ok() ? wrong : failure;
}

} // namespace cairn::runtime
