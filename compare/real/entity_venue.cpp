#include <cairn/by_name.hpp>
#include <cairn/compare.hpp>

#include "compare/real/venue.hpp"

#include <algorithm>
#include <deque>
#include <latch>
#include <mutex>
#include <string>
#include <utility>

namespace cairn::compare {

namespace {

/// Creates one entity by its first command.
class creation final : public listener {
public:
  creation(const port& entity, const intent& first, const sending& how, std::latch& left)
      : entity_(&entity), first_(&first), how_(&how), left_(&left) {}

  void begin() { entity_->read(*this); }

  void observed(observation seen) noexcept override { entity_->send(*first_, *how_, seen, *this); }

  void answered(const reply& given) noexcept override {
    if (given.what != reply::kind::accepted) problem = "an entity cannot be made: " + given.problem;
    left_->count_down();
  }

  std::string problem;

private:
  const port* entity_;
  const intent* first_;
  const sending* how_;
  std::latch* left_;
};

class entity_venue final : public venue {
public:
  entity_venue(const subject& on, const workload& load, journal_source source)
      : type_(&on.type()), world_(options_for(load, std::move(source))) {
    world_.host(*type_);
    first_intent_.state_bytes = load.state_bytes;
    first_intent_.event_bytes = load.event_bytes;
    first_check_ = on.offers(form::absolute, check::version) ? check::version : check::none;
    entities_.reserve(load.entities);
    for (std::uint64_t i = 0; i < load.entities; ++i) {
      entities_.push_back(on.open(world_, "e" + std::to_string(i)));
    }
  }

  void read(std::uint64_t entity, listener& to) override { entities_[entity]->read(to); }

  void send(std::uint64_t entity, const intent& wanted, const sending& how, const observation& seen,
            listener& to) override {
    entities_[entity]->send(wanted, how, seen, to);
  }

  void acquire(std::uint64_t entity, listener& to) override {
    constexpr std::chrono::seconds long_enough{
        60}; // for any think time: expiry is not what is compared
    entities_[entity]->acquire(long_enough, to);
  }

  void release(std::uint64_t entity, std::string lease, listener& to) override {
    entities_[entity]->release(std::move(lease), to);
  }

  std::uint64_t warm_up(std::string& problem) override {
    const sending how{form::absolute, first_check_};
    for (std::size_t first = 0; first < entities_.size(); first += at_once) {
      const std::size_t last = std::min(first + at_once, entities_.size());
      std::latch left(static_cast<std::ptrdiff_t>(last - first));
      std::deque<creation> under_way;
      for (std::size_t i = first; i < last; ++i) {
        under_way.emplace_back(*entities_[i], first_intent_, how, left).begin();
      }
      left.wait();
      for (const auto& one : under_way) {
        if (!one.problem.empty()) problem = one.problem;
      }
    }
    return entities_.size();
  }

  std::uint64_t batches() const override { return world_.counts().batches; }

  std::vector<served_entity> served(std::string& problem) override {
    std::vector<served_entity> all(entities_.size());
    for (std::size_t first = 0; first < all.size(); first += at_once) {
      read_json(all, first, std::min(first + at_once, all.size()), problem);
    }
    std::erase_if(all, [](const served_entity& one) { return one.version == 0; });
    return all;
  }

  const cairn::journal& journal() const override { return world_.journal(); }
  status close() override { return world_.close(); }

private:
  static world_options options_for(const workload& load, journal_source source) {
    world_options made;
    made.journal = std::move(source);
    made.limits.in_flight_max = std::max<std::size_t>(made.limits.in_flight_max, load.clients * 2);
    made.limits.mailbox_max = std::max<std::size_t>(made.limits.mailbox_max, load.clients * 2);
    made.limits.resident_max = std::max<std::size_t>(made.limits.resident_max, load.entities * 2);
    return made;
  }

  void read_json(std::vector<served_entity>& all, std::size_t first, std::size_t last,
                 std::string& problem) {
    std::latch left(static_cast<std::ptrdiff_t>(last - first));
    std::mutex one_problem;
    for (std::size_t i = first; i < last; ++i) {
      auto* into = &all[i];
      into->key = entity_key(type_->name, "e" + std::to_string(i));
      any_entity(world_, *type_, into->key).post_read([&, into](json_reading read) {
        if (read.failure) {
          const std::lock_guard lock(one_problem);
          problem = read.failure->message;
        } else {
          into->version = read.version;
          into->state_json = std::move(read.state_json);
        }
        left.count_down();
      });
    }
    left.wait();
  }

  static constexpr std::size_t at_once = 4'096; // requests; far below what a world takes

  const entity_type* type_;
  intent first_intent_; // of each entity, which brings its state to its size
  check first_check_ = check::none;
  world world_;
  std::vector<std::unique_ptr<port>> entities_;
};

} // namespace

std::unique_ptr<venue> open_entity_venue(const subject& on, const workload& load,
                                         journal_source source) {
  return std::make_unique<entity_venue>(on, load, std::move(source));
}

std::unique_ptr<venue> open_venue(place where, const subject& on, const workload& load,
                                  journal_source source) {
  return where == place::store ? open_store_venue(on, load, source)
                               : open_entity_venue(on, load, std::move(source));
}

} // namespace cairn::compare
