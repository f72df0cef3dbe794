#include "compare/real/clients.hpp"

#include <cairn/clock.hpp>

#include <algorithm>
#include <utility>

namespace cairn::compare {

/// One client. It has one request or think time under way, so nothing in it is used by two threads at once.
class clients::client final : public listener {
public:
  client(clients& shared, std::uint64_t number)
      : shared_(&shared), number_(number), session_(shared.rules_, number) {}

  const session& progress() const noexcept { return session_; }

  void begin(std::int64_t due) {
    session_.want(due);
    go(moment::wanted);
  }

  void observed(observation seen) noexcept override {
    seen_ = std::move(seen);
    go(moment::seen);
  }

  void answered(const reply& given) noexcept override {
    switch (given.what) {
      case reply::kind::accepted:
        seen_.version = given.version; // what the check alone needs to know next time
        return go(moment::accepted);
      case reply::kind::conflict:
        seen_.version = given.version;
        if (given.state) seen_.state = given.state;
        return go(moment::conflict);
      case reply::kind::granted:
        lease_ = given.lease;
        return go(moment::granted);
      case reply::kind::busy:
        return go(moment::busy);
      case reply::kind::released:
        return go(moment::released);
      default:
        shared_->fail(given.problem);
        return shared_->client_ended();
    }
  }

private:
  std::uint64_t entity() const noexcept {
    return shared_->options_.own_entities ? number_ : session_.entity();
  }

  void go(moment now) noexcept {
    const bool told = now == moment::accepted || now == moment::conflict || now == moment::busy;
    for (;;) {
      const bool measured = shared_->measuring_.load(std::memory_order_relaxed);
      const step next =
          session_.advance(now, shared_->now(), measured ? &shared_->latencies_ : nullptr);
      // A reply is counted in any case; what follows it is not begun any more at the end.
      if (next.what != step::kind::finish && told && shared_->ending_.load()) {
        return shared_->client_ended();
      }
      switch (next.what) {
        case step::kind::read:
          return shared_->venue_->read(entity(), *this);
        case step::kind::send:
          return shared_->venue_->send(
              entity(), session_.wanted(),
              {next.how, next.against, shared_->strategy_->informed(), lease_}, seen_, *this);
        case step::kind::acquire:
          return shared_->venue_->acquire(entity(), *this);
        case step::kind::release:
          return shared_->venue_->release(entity(), std::exchange(lease_, {}), *this);
        case step::kind::wait:
          return pause(session_.wait_ns(), moment::waited);
        case step::kind::think: {
          const auto pause_ns = session_.think_ns(false);
          if (pause_ns > 0) return pause(pause_ns, moment::thought);
          now = moment::thought;
          break;
        }
        default: {
          std::int64_t due = 0;
          if (!shared_->next_due(*this, due)) return;
          session_.want(due);
          now = moment::wanted;
        }
      }
    }
  }

  void pause(std::int64_t pause_ns, moment then) {
    const auto ends = cairn::detail::later(clock::now(), std::chrono::nanoseconds(pause_ns));
    shared_->timer_.at(ends, [this, then] {
      if (shared_->ending_.load()) return shared_->client_ended();
      go(then);
    });
  }

  clients* shared_;
  std::uint64_t number_;
  session session_;
  observation seen_;
  std::string lease_;
};

clients::clients(venue& at, const strategy& follow, const workload& load,
                 const client_options& options)
    : venue_(&at),
      strategy_(&follow),
      load_(load),
      options_(options),
      choice_(load.entities, load.theta),
      rules_{strategy_, &load_, &choice_, options.attempts_max},
      start_(clock::now()) {
  for (std::uint64_t number = 0; number < load_.clients; ++number) {
    all_.push_back(std::make_unique<client>(*this, number));
  }
}

clients::~clients() = default;

std::int64_t clients::now() const {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - start_).count();
}

void clients::start() {
  if (load_.rate_per_s > 0) {
    for (const auto& one : all_) resting_.push_back(one.get());
    paces_ = true;
    pacer_ = std::thread([this] { pace(); });
    return;
  }
  active_ = all_.size();
  for (const auto& one : all_) one->begin(now());
}

/// Open loop: what is due begins at its time, whether a client is free or not.
void clients::pace() {
  const double gap_ns = 1e9 / load_.rate_per_s;
  const auto begin = clock::now();
  std::unique_lock lock(mutex_);
  for (std::uint64_t n = 0;; ++n) {
    const auto due = cairn::detail::later(
        begin, std::chrono::duration<double, std::nano>(static_cast<double>(n) * gap_ns));
    pace_ends_.wait_until(lock, due, [this] { return !paces_; });
    if (!paces_) return;
    lock.unlock();
    begin_due(std::chrono::duration_cast<std::chrono::nanoseconds>(due - start_).count());
    lock.lock();
  }
}

void clients::begin_due(std::int64_t due) {
  client* free = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (resting_.empty()) {
      backlog_.push(due);
    } else {
      free = resting_.back();
      resting_.pop_back();
      ++active_;
    }
  }
  if (free != nullptr) free->begin(due);
}

bool clients::next_due(client& idle, std::int64_t& due) {
  if (load_.rate_per_s <= 0 && !ending_.load()) {
    due = now();
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (!ending_.load() && !backlog_.empty()) {
    due = backlog_.front();
    backlog_.pop();
    return true;
  }
  resting_.push_back(&idle);
  if (--active_ == 0) ended_.notify_all();
  return false;
}

void clients::client_ended() {
  const std::lock_guard lock(mutex_);
  if (--active_ == 0) ended_.notify_all();
}

void clients::fail(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (problem_.empty()) problem_ = why;
  failed_.store(true);
}

void clients::stop() {
  {
    const std::lock_guard lock(mutex_);
    paces_ = false;
  }
  pace_ends_.notify_all();
  if (pacer_.joinable()) pacer_.join();
  ending_.store(true);
  timer_.hurry();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return active_ == 0; });
}

std::string clients::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

std::vector<const session*> clients::sessions() const {
  std::vector<const session*> found;
  for (const auto& one : all_) found.push_back(&one->progress());
  return found;
}

std::uint64_t clients::told_accepted() const {
  std::uint64_t sum = 0;
  for (const auto& one : all_) sum += one->progress().all().accepted;
  return sum;
}

} // namespace cairn::compare
