#pragma once

#include <cairn/transaction.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

/// One command to all entities of a type whose state satisfies a predicate.
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

bulk_result update_all(world_core& world, const bulk_plan& plan);

} // namespace detail

/// Sends `command`, without expectation, to every entity of type `State` that exists durably when this starts
/// and for whose state `wanted` holds; `wanted` is judged inside each entity, so nothing comes between. Who
/// holds an older version conflicts afterwards. Entities that were not in memory leave it again; only ids are
/// collected.
/// Thread: blocks; never on a thread that runs entities. `wanted` is called on many.
template <entity_state State, class Command, std::predicate<const State&> Predicate>
bulk_result update_all(world& in, Command command, Predicate wanted, bulk_options options = {}) {
  using commands = typename State::entity::command_list;
  static_assert(commands::template contains<Command>,
                "this command is not in the entity's list of commands");
  static_assert(!State::entity::requires_expectation,
                "this entity type requires an expectation, and a bulk update has none");
  detail::bulk_plan plan;
  plan.type = &type_descriptor<State>();
  plan.command = &plan.type->commands[commands::template index_of<Command>()];
  plan.arguments = std::make_shared<const Command>(std::move(command));
  plan.concerns = [wanted = std::move(wanted)](const entity_type& /*type*/, const void* state) {
    return static_cast<bool>(wanted(*static_cast<const State*>(state)));
  };
  plan.options.meta = std::move(options.meta);
  plan.atomic = options.atomic;
  return detail::update_all(in.core(), plan);
}

} // namespace cairn
