#include <cairn/entity.hpp>
#include <cairn/journal.hpp>
#include <cairn/json.hpp>

#include "compare/real/store_commit.hpp"
#include "compare/real/venue.hpp"
#include "compare/real/worker_pool.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace cairn::compare {

namespace {

/// A state that its owner keeps up with the journal by reading what is new: an event-sourcing repository with
/// a cache.
class cached_state {
public:
  explicit cached_state(const entity_type& type) : type_(&type), state_(type.make_state()) {}

  /// Brings it to the journal's end. Errors: `problem` is set.
  bool catch_up(const cairn::journal& from, const std::string& key, std::string& problem) {
    head found;
    status read = from.find_head(key, found);
    if (read.ok() && found.version > version_) {
      read = from.read(key, version_ + 1, found.version,
                       [&](const record& stored) { return apply(stored, problem); });
    }
    if (!read.ok()) problem = read.message;
    return problem.empty();
  }

  version_type version() const noexcept { return version_; }
  const void* state() const noexcept { return state_.get(); }

private:
  bool apply(const record& stored, std::string& problem) {
    if (status decoded = decode_change(stored, change_); !decoded.ok()) {
      problem = decoded.message;
      return false;
    }
    for (const auto& event : change_.events) {
      const auto* known = type_->find_event(event.name);
      boost::json::value data;
      json::problem wrong;
      if (known == nullptr || !json::parse(event.data, data, wrong) ||
          !known->apply(state_.get(), data, wrong)) {
        problem = "an event does not decode: " + event.name;
        return false;
      }
    }
    version_ = stored.version;
    return true;
  }

  const entity_type* type_;
  any_pointer state_;
  version_type version_ = 0;
  change change_;
};

class store_venue final : public venue {
public:
  store_venue(const subject& on, const workload& load, const journal_source& source)
      : subject_(&on), journal_(source()), commit_(std::make_unique<store_commit>(*journal_)) {
    for (std::uint64_t i = 0; i < load.entities; ++i) {
      keys_.push_back(entity_key(on.type().name, "e" + std::to_string(i)));
    }
    caches_.resize(pool_.size());
  }

  void read(std::uint64_t entity, listener& to) override {
    pool_.run([this, entity, &to](std::size_t worker) {
      std::string problem;
      const auto* found = load(worker, entity, problem);
      if (found == nullptr) return to.answered(failed_reply(problem));
      auto copy = subject_->type().clone_state(found->state());
      const auto drop = copy.get_deleter();
      to.observed({found->version(), std::shared_ptr<const void>(copy.release(), drop)});
    });
  }

  void send(std::uint64_t entity, const intent& wanted, const sending& how, const observation& seen,
            listener& to) override {
    pool_.run([this, entity, wanted, form = how.how, seen, &to](std::size_t /*worker*/) {
      std::string problem;
      std::string body;
      if (!decide(entity, wanted, form, seen, body, problem)) {
        return to.answered(failed_reply(problem));
      }
      commit_->append({keys_[entity], seen.version + 1, std::move(body), &to});
    });
  }

  void acquire(std::uint64_t /*entity*/, listener& to) override {
    to.answered(failed_reply("the store has no leases"));
  }
  void release(std::uint64_t /*entity*/, std::string /*lease*/, listener& to) override {
    to.answered(failed_reply("the store has no leases"));
  }

  std::uint64_t warm_up(std::string& /*problem*/) override {
    return 0; // an empty cache is up to date with an empty journal
  }

  std::uint64_t batches() const override { return commit_->batches(); }

  std::vector<served_entity> served(std::string& problem) override {
    std::vector<served_entity> all;
    for (std::uint64_t i = 0; i < keys_.size() && problem.empty(); ++i) {
      const auto* found = load(0, i, problem); // no request is under way: nobody else looks
      if (found == nullptr || found->version() == 0) continue;
      served_entity one{keys_[i], found->version(), {}};
      json::problem wrong;
      if (!subject_->type().encode_state(one.state_json, found->state(), wrong)) {
        problem = wrong.text();
      }
      all.push_back(std::move(one));
    }
    return all;
  }

  const cairn::journal& journal() const override { return *journal_; }

  status close() override {
    commit_ = nullptr;
    return journal_->close();
  }

private:
  const cached_state* load(std::size_t worker, std::uint64_t entity, std::string& problem) {
    auto& known = caches_[worker].try_emplace(entity, subject_->type()).first->second;
    return known.catch_up(*journal_, keys_[entity], problem) ? &known : nullptr;
  }

  /// Decides as an entity would, on what the client saw.
  bool decide(std::uint64_t entity, const intent& wanted, form how, const observation& seen,
              std::string& body, std::string& problem) const {
    random_source random(wanted.chance);
    const context ctx(random, clock_, keys_[entity], seen.version, {});
    execution done(limits{}.change_bytes_max);
    cause why;
    const auto run = [&] {
      const auto command = subject_->make(wanted, how, seen.state.get());
      auto state = subject_->type().clone_state(seen.state.get());
      bool applying = false;
      command.type->execute(state.get(), command.arguments.get(), ctx, done, applying);
      why.command = command.type->name;
    };
    const auto threw = [&](std::string thrown) { problem = std::move(thrown); };
    if (!cairn::detail::guard(run, threw)) {
      return false;
    }
    if (done.what() != execution::verdict::accepted) {
      problem = done.reason();
      return false;
    }
    encode_change_body(body, why, {}, done.events(), done.event_count());
    return true;
  }

  const subject* subject_;
  std::function<time_point()> clock_ = [] {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  };
  std::unique_ptr<cairn::journal> journal_;
  std::vector<std::string> keys_;
  std::vector<std::unordered_map<std::uint64_t, cached_state>> caches_; // one for each worker
  std::unique_ptr<store_commit> commit_;
  worker_pool pool_; // ends before what its work uses
};

} // namespace

std::unique_ptr<venue> open_store_venue(const subject& on, const workload& load,
                                        const journal_source& source) {
  return std::make_unique<store_venue>(on, load, source);
}

} // namespace cairn::compare
