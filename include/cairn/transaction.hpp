#pragma once

#include <cairn/world.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Several entities at once: all commands of a transaction are accepted and journaled as one unit, or none is.
namespace cairn {

/// What became of one item of an accepted transaction.
struct accepted_item {
  version_type version = 0; ///< Of its entity after the transaction.
  bool merged = false;      ///< It was stale, and its entity merged it.
  std::string reply_json;   ///< What `decide` replied; empty: nothing.

  /// The typed reply. Nothing: there is none, or it is not of this type.
  template <class Reply>
  std::optional<Reply> reply() const {
    boost::json::value value;
    json::problem wrong;
    Reply decoded{};
    const bool good = !reply_json.empty() && json::parse(reply_json, value, wrong) &&
                      json::decode(value, decoded, wrong);
    return good ? std::optional<Reply>(std::move(decoded)) : std::nullopt;
  }
};

/// The whole transaction was accepted and is durable.
struct transaction_accepted {
  std::vector<accepted_item> items; ///< One for each item, in their order.
  std::optional<position_type>
      position;           ///< Of the unit's first change; none when nothing was recorded.
  bool duplicate = false; ///< The first answer to this command id, given again.
};

/// An item that stands in the way.
struct refused_item {
  std::size_t index = 0; ///< Among the transaction's items.
  std::string entity;    ///< `type/id`
  /// What it was refused with: exactly one of the two.
  std::optional<cairn::conflict> conflict;
  std::optional<cairn::rejected> rejected;
};

/// At least one expectation does not hold; nothing was changed. Lists every item that was refused, those that
/// a business rule refused too.
struct transaction_conflict {
  std::vector<refused_item> items;
};

/// Business rules said no, and every expectation holds; nothing was changed.
struct transaction_rejected {
  std::vector<refused_item> items;
};

/// What a transaction ends in.
class transaction_outcome
    : public outcome<transaction_accepted, transaction_conflict, transaction_rejected, failed> {
public:
  using outcome::outcome;

  const transaction_accepted* accepted() const noexcept { return get_if<transaction_accepted>(); }
  const transaction_conflict* conflict() const noexcept { return get_if<transaction_conflict>(); }
  const transaction_rejected* rejected() const noexcept { return get_if<transaction_rejected>(); }
  const cairn::failed* failed() const noexcept { return get_if<cairn::failed>(); }

  explicit operator bool() const noexcept { return accepted() != nullptr; }
};

namespace detail {

/// One entity's share of a transaction, without its types.
struct transaction_item {
  explicit transaction_item(entity_address to) : address(std::move(to)) {}

  entity_address address;
  request::verb what = request::verb::read; ///< `command`, `remove`, or `read`: an assertion
  const command_type* command = nullptr;
  std::shared_ptr<const void> arguments;
  expectation expected;
  std::string lease;
  /// Empty: the command concerns the entity whatever its state.
  std::function<bool(const entity_type&, const void*)> concerns;
  /// Copies the state of an entity that exists; empty: nobody asks.
  std::function<void(const entity_type&, const void*)> take_state;
};

/// What a transaction that ran tells of one item.
struct item_result {
  std::string entity;   ///< `type/id`; of one that was refused
  expectation expected; ///< The same.
  /// `accepted`, `conflict`, `rejected`, `state` (an assertion that holds), or `unmatched`.
  cairn::answer answer;
  bool changed = false; ///< accepted: with events
};

/// How a transaction ended, without its types.
struct transaction_result {
  enum class kind : std::uint8_t { accepted, refused, failed };

  kind what = kind::failed;
  std::vector<item_result> items; ///< As many as there were.
  /// accepted: of the first change; no change: of the next one of anybody
  position_type position = no_position;
  bool changed = false;   ///< accepted: something was recorded
  bool duplicate = false; ///< accepted
  cairn::failed failure;  ///< failed
};

struct transaction_plan {
  std::vector<transaction_item> items;
  send_options options; ///< Id and meta of the whole.
};

/// Sends a transaction on its way. `then` runs once, where callbacks of `entity_ref::post` do.
void submit(runtime::world_core& world, transaction_plan plan,
            std::function<void(transaction_result)> then);

transaction_outcome to_outcome(transaction_result result);

} // namespace detail

/// Commands to several entities, built item by item and sent by `commit`:
///
///   cairn::transaction trade(world);
///   trade.send(alice, wallet::spend{30}, cairn::at(seen.version)).send(bob, wallet::earn{30});
///   const auto outcome = trade.commit().get();
///
/// Serialisable: there is one moment at which every expectation holds and every command is decided. An entity
/// may occur once. At most `limits::transaction_entities_max` entities. A transaction takes its place at an
/// entity when it gets there, not when it is sent: a command that must come after it is sent after its reply.
/// Thread: one at a time; must not outlive its world.
class transaction {
public:
  explicit transaction(world& in) : core_(&in.core()) { plan_.items.reserve(items_expected); }

  /// A command without expectation.
  template <class State, class Command>
  transaction& send(const entity_ref<State>& to, Command command) {
    static_assert(!State::entity::requires_expectation,
                  "this entity type requires an expectation: send(entity, command, at(version))");
    return add(to, std::move(command), {});
  }

  /// A command that saw the entity so.
  template <class State, class Command>
  transaction& send(const entity_ref<State>& to, Command command, observed expected) {
    static_assert(!State::entity::refuses_expectation,
                  "this entity type refuses expectations: send(entity, command)");
    return add(to, std::move(command), expected);
  }

  /// Changes nothing, and demands that the entity is so: what the other items were decided on.
  template <class State>
  transaction& require(const entity_ref<State>& that, observed expected) {
    plan_.items.emplace_back(that.address()).expected = expected;
    return *this;
  }

  /// The lease under which the last item is sent.
  transaction& under_lease(std::string token) {
    plan_.items.back().lease = std::move(token);
    return *this;
  }

  /// One id for the whole: the same id and content again gets the first answer and executes nothing. It belongs
  /// to every entity that the transaction changes.
  transaction& id(std::string id) {
    plan_.options.id = std::move(id);
    return *this;
  }

  /// Journaled with every change.
  transaction& meta(metadata meta) {
    plan_.options.meta = std::move(meta);
    return *this;
  }

  /// Sends it; once.
  /// Errors: `failed` with `too_large` beyond the limits, `invalid_command` for no item or the same entity twice.
  future<transaction_outcome> commit();

  /// The same for a callback, which must not block; what it throws is logged.
  void commit(std::function<void(transaction_outcome)> callback);

private:
  template <class State, class Command>
  transaction& add(const entity_ref<State>& to, Command command, expectation expected) {
    auto& item = plan_.items.emplace_back(to.address());
    item.expected = expected;
    if constexpr (std::is_same_v<Command, remove>) {
      item.what = detail::request::verb::remove;
    } else {
      item.what = detail::request::verb::command;
      item.command = &detail::command_of<State, Command>();
      item.arguments = std::make_shared<const Command>(std::move(command));
    }
    return *this;
  }

  static constexpr std::size_t items_expected = 4; // most trades have no more

  runtime::world_core* core_;
  detail::transaction_plan plan_;
};

/// Reads several entities at one point of the journal: no transaction is seen by half.
///
///   cairn::read_all both(world);
///   auto& a = both.add(alice);
///   auto& b = both.add(bob);
///   if (const auto read = both.get(); read.ok()) …a.state.gold + b.state.gold…
///
/// Thread: one at a time; must not outlive its world.
class read_all {
public:
  explicit read_all(world& in) : core_(&in.core()) {}

  /// One more entity; what is returned is filled in by `get` and lives as long as this.
  template <class State>
  const reading<State>& add(const entity_ref<State>& from) {
    auto into = std::make_shared<reading<State>>();
    auto& item = plan_.items.emplace_back(from.address());
    item.take_state = [into](const entity_type& /*type*/, const void* state) {
      into->state = *static_cast<const State*>(state);
    };
    fills_.push_back([into](const answer& given) {
      into->version = given.version;
      into->exists = given.exists;
    });
    return *into;
  }

  /// Waits; once. Until then, and when it fails, the readings are those of entities that never existed.
  /// Errors: as a transaction.
  status get();

  /// Where it was read: the journal's next position, all changes before it seen, none behind it.
  position_type position() const noexcept { return position_; }

private:
  runtime::world_core* core_;
  detail::transaction_plan plan_;
  std::vector<std::function<void(const answer&)>> fills_;
  position_type position_ = no_position;
};

} // namespace cairn

namespace cairn {

struct bulk_options {
  /// Journaled with every change.
  metadata meta{};
  /// All of it is one transaction: every entity that matches is changed, or none is. At most
  /// `limits::transaction_entities_max` may match.
  bool atomic = false;
};

/// How a bulk update ended.
struct bulk_result {
  std::uint64_t matched = 0;  ///< The predicate held.
  std::uint64_t changed = 0;  ///< Of them, accepted with events: one version more each.
  std::uint64_t rejected = 0; ///< Of them, refused by a business rule.
  std::uint64_t leased = 0;   ///< Somebody else holds a lease: not looked at.
  std::uint64_t failed = 0;   ///< The machinery could not do it.
  /// Set when `atomic` was refused: a conflict or a rejection, and nothing was changed.
  std::optional<transaction_outcome> refused;
  /// Why it could not be done at all, or the first reason of `failed`.
  std::optional<cairn::failed> failure;
};

namespace detail {

struct bulk_plan {
  const entity_type* type = nullptr;
  const command_type* command = nullptr;
  std::shared_ptr<const void> arguments;
  /// Judged inside each entity, on its actor.
  std::function<bool(const entity_type&, const void* state)> concerns;
  send_options options; ///< Meta only.
  bool atomic = false;
};

bulk_result update_all(runtime::world_core& world, const bulk_plan& plan);

} // namespace detail

/// Sends `command`, without expectation, to every entity of type `State` that exists durably when this starts
/// and for whose state `wanted` holds; `wanted` is judged inside each entity, so nothing comes between. Who
/// holds an older version conflicts afterwards. Entities that were not in memory leave it again; only ids are
/// collected.
/// Thread: blocks; never on a thread that runs entities. `wanted` is called on many.
template <entity_state State, class Command, std::predicate<const State&> Predicate>
bulk_result update_all(world& in, Command command, Predicate wanted, bulk_options options = {}) {
  static_assert(!State::entity::requires_expectation,
                "this entity type requires an expectation, and a bulk update has none");
  detail::bulk_plan plan;
  plan.type = &type_descriptor<State>();
  plan.command = &detail::command_of<State, Command>();
  plan.arguments = std::make_shared<const Command>(std::move(command));
  plan.concerns = [wanted = std::move(wanted)](const entity_type& /*type*/, const void* state) {
    return static_cast<bool>(wanted(*static_cast<const State*>(state)));
  };
  plan.options.meta = std::move(options.meta);
  plan.atomic = options.atomic;
  return detail::update_all(in.core(), plan);
}

} // namespace cairn
