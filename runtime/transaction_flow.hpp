#pragma once

#include <cairn/transaction.hpp>

#include "persistence/unit.hpp"
#include "runtime/entity_process.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace cairn {

/// A transaction on its way. It goes from entity to entity in the order of their keys, holds each, and has it
/// judge and decide its item; the last one knows how it ends. One order for all is why two never wait for each
/// other. What is handed over comes before anything that the entities do afterwards, since they are let go
/// behind it.
/// Thread: one entity's actor after the other; the last hands it to persistence.
class transaction_flow final : public held_request {
public:
  using callback = std::function<void(detail::transaction_result)>;

  transaction_flow(entity_host& host, detail::transaction_plan plan, callback then);
  ~transaction_flow() override;

  /// The entities in the order in which they are held.
  const std::vector<std::size_t>& order() const noexcept { return order_; }
  const detail::entity_address& address(std::size_t item) const noexcept;

  /// Starts, with a place for each of `order()`, entered. Entities that are not in memory are loaded first, so
  /// that none is held while another is loading.
  void start(std::vector<slot_ptr> places);

  /// Refuses it before it has started.
  void refuse(std::error_code error, std::string message);

  // held_request
  void arrive(entity_process& at) override;
  void abandon(std::error_code error, const std::string& message) override;

  // request
  void complete() noexcept override;

private:
  class item_request;
  class wake_request;

  item_request& item(std::size_t step) noexcept;
  void go_on();
  void woken(const cairn::answer& given);
  void decide(entity_process& at);
  bool tally();
  bool seal();
  void settle(entity_process* at, bool counts);
  bool looks_up_first_answer() const noexcept;
  detail::transaction_result result();
  void read_first_answer(detail::transaction_result& found) const;
  void answer_with(detail::transaction_result ended) noexcept;

  entity_host& host_;
  callback then_;
  detail::transaction_plan plan_;
  content_hash content_{};
  std::vector<boost::intrusive_ptr<item_request>> items_; // as in the plan
  std::vector<std::size_t> order_;                        // of their keys
  std::vector<prepared_change> made_;                     // as in `order_`
  std::vector<slot_ptr> places_;                          // as in `order_`
  std::shared_ptr<detail::unit_of_entities> parts_;       // as in `order_`
  std::shared_ptr<remembered_command> first_answer_;      // it is a duplicate of this
  std::size_t next_ = 0;                                  // in `order_`
  bool refused_ = false;                                  // by one of its items
  bool started_ = false;

  std::atomic<std::size_t> loading_{0};
  std::mutex mutex_; // of what follows, while entities are loaded
  cairn::answer load_failure_;
};

} // namespace cairn
