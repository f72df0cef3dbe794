#pragma once

#include <cairn/transaction.hpp>

#include "persistence/commit/unit.hpp"
#include "runtime/entity/held_request.hpp"
#include "runtime/entity/host.hpp"
#include "runtime/entity/prepared_change.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace cairn::runtime {

/// A transaction on its way. It goes from entity to entity in the order of their keys, holds each, and has it
/// judge and decide its item; the last one knows how it ends. One order for all is why two never wait for each
/// other. What is handed over comes before anything that the entities do afterwards, since they are let go
/// behind it.
/// Thread: one entity's actor after the other; the last hands it to persistence.
class transaction_flow final : public held_request {
public:
  using callback = std::function<void(detail::transaction_result)>;

  transaction_flow(entity_host& host, detail::transaction_plan plan, callback then);

  /// How many entities it has, and each one in the order in which they are held.
  std::size_t size() const noexcept { return steps_.size(); }
  const detail::entity_address& address(std::size_t at) const noexcept;

  /// The key that occurs twice; empty: none does.
  std::string_view doubled_key() const noexcept;

  /// Why it cannot be made; ok: it can.
  const status& problem() const noexcept { return problem_; }

  /// Where the entity is; to be entered for each step before `start`.
  slot_ptr& slot_of(std::size_t at) noexcept { return steps_[at].slot; }

  /// Starts. Entities that are not in memory are loaded first, so that none is held while another is loading.
  /// `taken_bytes` have been taken from the world's budget, and are given back behind the reply.
  void start(std::size_t taken_bytes);

  /// Refuses it before it has started.
  void refuse(std::error_code error, std::string message);

  // held_request
  void arrive(entity_process& at) noexcept override;
  void abandon(std::error_code error, const std::string& message) override;

  // request
  void complete() noexcept override;

private:
  /// One item, in the form in which its entity judges any other request. It is never answered by itself.
  class item_request final : public detail::request {
  public:
    item_request(const detail::transaction_item& item, const send_options& whole,
                 const content_hash& content);

    const void* arguments() const noexcept override { return item_.arguments.get(); }
    const content_hash* content() const noexcept override { return &content_; }
    bool concerns(const entity_type& type, const void* state) override {
      return item_.concerns(type, state);
    }
    void take_state(const entity_type& type, const void* state) override {
      if (item_.take_state) {
        item_.take_state(type, state);
      }
    }
    void complete() noexcept override {}

  private:
    const detail::transaction_item& item_;
    const content_hash& content_;
  };

  /// What the transaction has to do with one entity.
  struct step {
    std::size_t index = 0;            // of the item in the plan
    std::optional<item_request> item; // in place: it neither moves nor is counted
    slot_ptr slot;
    prepared_change made;
  };

  class wake_request;

  void go_through(entity_process& at);
  void break_off(entity_process& at, const std::string& thrown);
  void go_on();
  void woken(const cairn::answer& given);
  void decide(entity_process& at);
  bool tally();
  bool seal();
  void settle(entity_process* at, bool counts);
  detail::transaction_result result();
  status read_first_answer(detail::transaction_result& found) const;
  void answer_with(detail::transaction_result ended) noexcept;
  void count(std::size_t bytes);

  entity_host& host_;
  callback then_;
  detail::transaction_plan plan_;
  content_hash content_{};
  status problem_;
  std::vector<step> steps_;                          // by key
  persistence::unit_of_entities parts_;              // as `steps_`
  std::shared_ptr<remembered_command> first_answer_; // it is a duplicate of this,
  std::size_t first_answer_at_ = 0;                  // known to the entity of this step,
  bool has_version_alone_ = false;                   // and its position is not
  std::size_t next_ = 0;                             // step
  bool refused_ = false;                             // by one of its items
  std::size_t held_bytes_ = 0;                       // of the world's budget

  std::atomic<std::size_t> loading_{0};
  std::mutex mutex_; // of what follows, while entities are loaded
  cairn::answer load_failure_;
};

} // namespace cairn::runtime
