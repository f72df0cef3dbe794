#include <cairn/transaction.hpp>

#include "runtime/entity/slot.hpp"
#include "runtime/world/core.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::detail {

namespace {

/// Enough to keep entities and journal busy, few enough that others get their turn.
constexpr std::size_t in_flight_max = 512;

/// Ids come from the journal in pages.
constexpr std::size_t page_rows = 10'000;

/// How long to leave a world alone that says it has too much to do.
constexpr std::chrono::milliseconds overloaded_pause{1};

/// After so many rounds in which nobody got in, the rest counts as failed.
constexpr int overloaded_rounds_max = 1'000;

failed failure_of(const status& why) { return {why.error, fate::not_written, why.message}; }

/// The entities of the type that exist now.
status list_keys(const journal& source, const entity_type& type, std::vector<std::string>& keys) {
  std::string after;
  for (;;) {
    std::vector<listed_head> page;
    if (auto listed = source.heads(type.name, after, page_rows, false, page); !listed.ok()) {
      return listed;
    }
    for (auto& row : page) {
      keys.push_back(std::move(row.entity));
    }
    if (page.size() < page_rows) {
      return {};
    }
    after = id_of(keys.back());
  }
}

/// Sends one request to each of many entities, so many at a time, and hears of each how it ended.
/// Thread: `run` on the caller's; `ended` on any.
class fan_out {
public:
  fan_out(runtime::world_core& world, const entity_type& type) : world_(world), type_(type) {}

  /// `make(key)` makes the request for an entity, which calls `ended` when it is answered.
  template <class Make>
  void run(std::vector<std::string> keys, Make make) {
    for (int rounds = 0; !keys.empty(); ++rounds) {
      const std::size_t before = keys.size();
      for (auto& key : keys) {
        await_fewer_than(in_flight_max);
        send_away_cold();
        world_.submit(entity_address(key, type_), make(key));
      }
      await_fewer_than(1);
      keys = take_overloaded();
      if (keys.size() < before) {
        rounds = 0; // it goes on
      }
      gives_up_ = rounds >= overloaded_rounds_max;
      if (!keys.empty()) {
        send_away_cold();
        std::this_thread::sleep_for(overloaded_pause);
      }
    }
    send_away_cold();
  }

  /// Counts a request in, before it is sent.
  void begin() {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
  }

  /// `count` runs under a lock unless the entity is to be tried again.
  template <class Count>
  void ended(const request& asked, const std::string& key, Count count) {
    const std::lock_guard lock(mutex_);
    if (asked.answer.error == runtime_errc::overloaded && !gives_up_) {
      overloaded_.push_back(key);
    } else {
      count();
    }
    if (asked.came_cold && asked.slot) {
      cold_.push_back(asked.slot);
    }
    --in_flight_;
    changed_.notify_one();
  }

private:
  void await_fewer_than(std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ < most; });
  }

  std::vector<std::string> take_overloaded() {
    const std::lock_guard lock(mutex_);
    return std::exchange(overloaded_, {});
  }

  /// Entities that came into memory for this alone need not stay.
  void send_away_cold() {
    std::vector<boost::intrusive_ptr<persistence::entity_slot>> cold;
    {
      const std::lock_guard lock(mutex_);
      cold.swap(cold_);
    }
    for (auto& slot : cold) {
      auto& idle = static_cast<runtime::slot&>(*slot);
      if (idle.ask_to_leave()) {
        idle.deliver_passivation();
      }
    }
  }

  runtime::world_core& world_;
  const entity_type& type_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t in_flight_ = 0;
  std::vector<std::string> overloaded_;
  bool gives_up_ = false; // changes only while nothing is in flight
  std::vector<boost::intrusive_ptr<persistence::entity_slot>> cold_;
};

/// The command, to one entity.
class bulk_command final : public request {
public:
  bulk_command(fan_out& all, const bulk_plan& plan, std::string key, bulk_result& result)
      : all_(all), plan_(plan), key_(std::move(key)), result_(result) {
    command = plan.command;
    conditional = true;
    if (plan.options.anything()) {
      options = std::make_unique<send_options>(plan.options);
    }
    all_.begin();
  }

  const void* arguments() const noexcept override { return plan_.arguments.get(); }
  bool concerns(const entity_type& type, const void* state) override {
    return plan_.concerns(type, state);
  }
  void complete() noexcept override {
    all_.ended(*this, key_, [this] { count(); });
  }

private:
  void count() {
    switch (answer.what) {
      case answer::kind::accepted:
        ++result_.matched;
        result_.changed += answer.position != no_position ? 1 : 0;
        break;
      case answer::kind::rejected:
        ++result_.matched;
        ++result_.rejected;
        break;
      case answer::kind::conflict: // or it was removed meanwhile, and concerns nobody
        result_.leased += answer.conflict == conflict_kind::leased ? 1 : 0;
        break;
      case answer::kind::failed:
        ++result_.failed;
        if (!result_.failure) {
          result_.failure = detail::failure_of(answer);
        }
        break;
      default:
        break;
    }
  }

  fan_out& all_;
  const bulk_plan& plan_;
  std::string key_;
  bulk_result& result_;
};

/// Looks whether an entity matches, for a transaction.
class bulk_probe final : public request {
public:
  bulk_probe(fan_out& all, const bulk_plan& plan, std::string key, std::vector<std::string>& found,
             std::optional<failed>& failure)
      : all_(all), plan_(plan), key_(std::move(key)), found_(found), failure_(failure) {
    what = verb::read;
    all_.begin();
  }

  void take_state(const entity_type& type, const void* state) override {
    matches_ = plan_.concerns(type, state);
  }
  void complete() noexcept override {
    all_.ended(*this, key_, [this] {
      if (answer.what == answer::kind::failed) {
        failure_ = detail::failure_of(answer);
      } else if (matches_) {
        found_.push_back(key_);
      }
    });
  }

private:
  fan_out& all_;
  const bulk_plan& plan_;
  std::string key_;
  std::vector<std::string>& found_;
  std::optional<failed>& failure_;
  bool matches_ = false;
};

bulk_result one_by_one(runtime::world_core& world, const bulk_plan& plan,
                       std::vector<std::string> keys) {
  bulk_result result;
  fan_out all(world, *plan.type);
  all.run(std::move(keys), [&](const std::string& key) {
    return request_ptr(new bulk_command(all, plan, key, result));
  });
  return result;
}

/// Those that match now, as one transaction, in which each is judged again. An entity that comes to match
/// meanwhile is not among them.
bulk_result as_transaction(runtime::world_core& world, const bulk_plan& plan,
                           std::vector<std::string> keys) {
  bulk_result result;
  std::vector<std::string> found;
  fan_out all(world, *plan.type);
  all.run(std::move(keys), [&](const std::string& key) {
    return request_ptr(new bulk_probe(all, plan, key, found, result.failure));
  });
  if (result.failure || found.empty()) {
    return result;
  }
  std::sort(found.begin(), found.end()); // so that the index of a refused one means something
  transaction_plan whole;
  whole.options = plan.options;
  for (const auto& key : found) {
    auto& item = whole.items.emplace_back(entity_address(key, *plan.type));
    item.what = request::verb::command;
    item.command = plan.command;
    item.arguments = plan.arguments;
    item.concerns = plan.concerns;
  }
  awaited arrived;
  transaction_result ended;
  submit(world, std::move(whole), [&](transaction_result told) {
    ended = std::move(told);
    arrived.arrive();
  });
  arrived.wait();
  switch (ended.what) {
    case transaction_result::kind::accepted:
      for (const auto& item : ended.items) {
        result.matched += item.answer.what == answer::kind::accepted ? 1 : 0;
        result.changed += item.changed ? 1 : 0;
      }
      break;
    case transaction_result::kind::refused:
      result.refused = to_outcome(std::move(ended));
      break;
    case transaction_result::kind::failed:
      result.failure = std::move(ended.failure);
      break;
  }
  return result;
}

} // namespace

bulk_result update_all(runtime::world_core& world, const bulk_plan& plan) {
  bulk_result nothing;
  if (const auto refused = may_wait("cairn::update_all"); !refused.ok()) {
    nothing.failure = failure_of(refused);
    return nothing;
  }
  const runtime::world_core::visit inside(world);
  if (!inside) {
    nothing.failure = failure_of(runtime::world_core::is_closing());
    return nothing;
  }
  std::vector<std::string> keys;
  if (auto listed = list_keys(world.journal(), *plan.type, keys); !listed.ok()) {
    nothing.failure = failure_of(listed);
    return nothing;
  }
  return plan.atomic ? as_transaction(world, plan, std::move(keys))
                     : one_by_one(world, plan, std::move(keys));
}

} // namespace cairn::detail
