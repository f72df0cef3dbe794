#include <cairn/transaction.hpp>

#include "runtime/world/core.hpp"

#include <utility>

namespace cairn {

namespace detail {

namespace {

/// A transaction that is waited for.
class awaited_transaction final : public awaited_request<transaction_outcome> {
public:
  transaction_outcome take() override { return std::move(*outcome_); }
  void set(transaction_outcome outcome) noexcept {
    outcome_.emplace(std::move(outcome));
    complete();
  }

private:
  std::optional<transaction_outcome> outcome_;
};

transaction_outcome accepted_of(transaction_result result) {
  transaction_accepted done;
  done.duplicate = result.duplicate;
  if (result.changed) {
    done.position = result.position;
  }
  for (auto& item : result.items) {
    done.items.push_back({item.answer.version, item.answer.merged, std::move(item.answer.text)});
  }
  return done;
}

transaction_outcome refused_of(transaction_result result) {
  std::vector<refused_item> refused;
  bool conflicts = false;
  for (std::size_t i = 0; i < result.items.size(); ++i) {
    auto& [key, expected, given, changed] = result.items[i];
    if (given.what == answer::kind::conflict) {
      conflicts = true;
      refused.push_back(
          {i, key, conflict{key, given.conflict, expected, given.version, given.details}, {}});
    } else if (given.what == answer::kind::rejected) {
      refused.push_back({i, key, {}, rejected{std::move(given.text)}});
    }
  }
  if (conflicts) {
    return transaction_conflict{std::move(refused)};
  }
  return transaction_rejected{std::move(refused)};
}

} // namespace

transaction_outcome to_outcome(transaction_result result) {
  switch (result.what) {
    case transaction_result::kind::accepted:
      return accepted_of(std::move(result));
    case transaction_result::kind::refused:
      return refused_of(std::move(result));
    case transaction_result::kind::failed:
      break;
  }
  return std::move(result.failure);
}

void submit(runtime::world_core& world, transaction_plan plan,
            std::function<void(transaction_result)> then) {
  world.submit(std::move(plan), std::move(then));
}

} // namespace detail

void transaction::commit(std::function<void(transaction_outcome)> callback) {
  detail::submit(*core_, std::move(plan_),
                 [callback = std::move(callback)](detail::transaction_result ended) {
                   callback(detail::to_outcome(std::move(ended)));
                 });
}

future<transaction_outcome> transaction::commit() {
  boost::intrusive_ptr<detail::awaited_transaction> waiting(new detail::awaited_transaction());
  commit([waiting](transaction_outcome outcome) { waiting->set(std::move(outcome)); });
  return future<transaction_outcome>(waiting);
}

status read_all::get() {
  if (auto refused = detail::may_wait("read_all::get"); !refused.ok()) {
    return refused;
  }
  detail::awaited arrived;
  status ended;
  detail::submit(*core_, std::move(plan_), [&](detail::transaction_result result) {
    if (result.what == detail::transaction_result::kind::accepted) {
      position_ = result.position;
      for (std::size_t i = 0; i < result.items.size(); ++i) {
        fills_[i](result.items[i].answer);
      }
    } else {
      ended = {result.failure.error, std::move(result.failure.message)};
    }
    arrived.arrive();
  });
  arrived.wait();
  return ended;
}

} // namespace cairn
