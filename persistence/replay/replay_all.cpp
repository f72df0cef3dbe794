#include "persistence/replay/replay_all.hpp"

#include "persistence/replay/replay_entities.hpp"
#include "persistence/replay/replay_queue.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>

namespace cairn::persistence {

namespace {

constexpr position_type progress_changes = 1 << 15;

/// The earliest failure of all threads: what lies behind it need not be applied any more.
class first_failure {
public:
  bool is_before(position_type position) const noexcept {
    return position_.load(std::memory_order_relaxed) < position;
  }

  bool any() const noexcept { return is_before(no_position); }

  void note(position_type position, status failure) {
    const std::scoped_lock lock(mutex_);
    if (!is_before(position)) {
      position_.store(position, std::memory_order_relaxed);
      failure_ = std::move(failure);
    }
  }

  status take() { return std::move(failure_); }

private:
  std::mutex mutex_;
  std::atomic<position_type> position_{no_position};
  status failure_;
};

/// One thread with the entities that are its.
class replay_worker {
public:
  replay_worker(const expected_states* expected, first_failure& failure)
      : entities_(expected), failure_(failure), thread_([this] { run(); }) {}

  ~replay_worker() { finish(); }
  replay_worker(const replay_worker&) = delete;
  replay_worker& operator=(const replay_worker&) = delete;

  void add(const record& change, const entity_type& type) {
    if (block_ == nullptr) block_ = queue_.take_empty();
    if (block_->add(change, type)) return;
    queue_.push(std::move(block_));
    block_ = queue_.take_empty();
    block_->add(change, type);
  }

  /// Waits until all is applied.
  void finish() {
    if (!thread_.joinable()) return;
    if (block_ != nullptr) queue_.push(std::move(block_));
    queue_.close();
    thread_.join();
  }

  const replayed_entities& entities() const noexcept { return entities_; }
  std::vector<replayed_entity>& result() noexcept { return result_; }

private:
  void run() {
    while (auto block = queue_.pop()) {
      for (const auto& [change, type] : block->items()) {
        if (failure_.is_before(change.position)) break;
        if (auto applied = entities_.apply(change, *type); !applied.ok())
          failure_.note(change.position, std::move(applied));
      }
      queue_.give_back(std::move(block));
    }
    if (failure_.any()) return;
    if (auto encoded = entities_.finish(result_); !encoded.ok())
      failure_.note(no_position - 1, std::move(encoded));
  }

  replay_queue queue_;
  std::unique_ptr<replay_block> block_; // being filled
  replayed_entities entities_;
  std::vector<replayed_entity> result_;
  first_failure& failure_;
  std::thread thread_; // last: it uses all of the above
};

/// Finds the type of one change after the other, which is mostly that of the one before.
class type_finder {
public:
  explicit type_finder(const std::vector<const entity_type*>& types) : types_(types) {}

  const entity_type* find(std::string_view entity) {
    const auto name = type_of(entity);
    if (last_ == nullptr || last_->name != name) last_ = find_type(types_, name);
    return last_;
  }

private:
  const std::vector<const entity_type*>& types_;
  const entity_type* last_ = nullptr;
};

status unknown_type(const record& at) {
  return {entity_errc::unknown_type,
          "change " + std::to_string(at.position) + " is of " + std::string(at.entity) +
              ", and this program does not know the type " + std::string(type_of(at.entity))};
}

using worker_list = std::vector<std::unique_ptr<replay_worker>>;

status read_to_workers(const journal& source, const replay_request& request, position_type end,
                       worker_list& workers, first_failure& failure, replay_report& report) {
  auto& replayed_end = report.end;
  type_finder types(request.types);
  status unknown;
  auto read = source.scan(0, [&](const record& next) {
    const bool is_late = request.time_us && next.unit_index == 0 && next.time_us > *request.time_us;
    if (next.position >= end || is_late || failure.any()) return false;
    const auto* type = types.find(next.entity);
    if (type == nullptr) {
      unknown = unknown_type(next);
      return false;
    }
    const std::size_t hash = std::hash<std::string_view>{}(next.entity);
    if (type->is_retired()) {
      ++report.retired;
    } else {
      workers[(hash >> 20U) % workers.size()]->add(next, *type);
    }
    replayed_end = next.position + 1;
    if (request.progress && replayed_end % progress_changes == 0)
      request.progress(replayed_end, end);
    return true;
  });
  if (!read.ok()) failure.note(replayed_end, std::move(read));
  if (!unknown.ok()) failure.note(replayed_end, std::move(unknown));
  for (auto& worker : workers) worker->finish();
  if (request.progress && !failure.any()) request.progress(replayed_end, end);
  return failure.take();
}

/// Merges the workers' entities, each sorted already, and what they counted.
void merge(worker_list& workers, replay_report& report) {
  const auto before = [](const replayed_entity& a, const replayed_entity& b) {
    return a.entity < b.entity;
  };
  for (auto& worker : workers) {
    const auto& entities = worker->entities();
    report.changes += entities.applied();
    report.compared += entities.compared();
    const auto& found = entities.divergence();
    if (found && (!report.divergence || found->position < report.divergence->position))
      report.divergence = found;
    auto& all = report.entities;
    const auto middle = static_cast<std::ptrdiff_t>(all.size());
    std::move(worker->result().begin(), worker->result().end(), std::back_inserter(all));
    worker->result().clear();
    std::inplace_merge(all.begin(), all.begin() + middle, all.end(), before);
  }
}

} // namespace

status replay_all(const journal& source, const replay_request& request, position_type end,
                  replay_report& report) {
  expected_states expected;
  if (request.verify) {
    if (auto failure = expected.load(source, request.types, {}); !failure.ok()) return failure;
    report.skipped = expected.skipped();
  }
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  first_failure failure;
  worker_list workers;
  for (unsigned i = 0; i < (request.threads == 0 ? cores : request.threads); ++i) {
    workers.push_back(
        std::make_unique<replay_worker>(request.verify ? &expected : nullptr, failure));
  }
  if (auto failed = read_to_workers(source, request, end, workers, failure, report); !failed.ok())
    return failed;
  merge(workers, report);
  return {};
}

} // namespace cairn::persistence
