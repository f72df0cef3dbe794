#pragma once

#include <cairn/detail/by_name/any_entity.hpp>
#include <cairn/transaction.hpp>

#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Several entities at once, by name and JSON.
namespace cairn {

/// Appends `"accepted":{…}`, `"conflict":{"items":[…]}`, `"rejected":{"items":[…]}` or `"failed":{…}`.
void write_outcome_json(std::string& out, const transaction_outcome& ended);

/// A transaction whose entities and commands are known by name only; `cairn::transaction` says what one is.
/// An entity's type must be hosted by the world and be the type in its key.
/// Thread: one at a time; must not outlive its world.
class any_transaction {
public:
  explicit any_transaction(world& in);

  /// Adds a command. False: there is no such command, its arguments do not decode, or the type's policy forbids
  /// the expectation; then `wrong` says what is wrong at `command`, `args.…` or `expect`.
  bool send(const entity_type& type, std::string key, std::string_view command,
            const boost::json::value& arguments, expectation expected, json::problem& wrong);

  /// Adds a removal. False: the type's policy forbids the expectation; then `wrong` says so at `expect`.
  bool remove(const entity_type& type, std::string key, expectation expected, json::problem& wrong);

  /// Changes nothing, and demands that the entity is so.
  void require(const entity_type& type, std::string key, expectation expected);

  /// The lease under which the last item is sent.
  void under_lease(std::string token);

  /// Id and meta of the whole; the rest of `options` has no meaning here.
  void set_options(send_options options);

  /// Sends it; once. `callback` runs once, where those of `entity_ref::post` do, as they do.
  /// Errors: those of `transaction::commit`.
  void commit(std::function<void(transaction_outcome)> callback);

private:
  detail::transaction_item& add(const entity_type& type, std::string key, expectation expected);

  runtime::world_core* core_;
  detail::transaction_plan plan_;
};

/// One of several entities that were read together.
struct named_reading : json_reading {
  std::string entity; ///< `type/id`
};

/// Several entities at one point of the journal.
struct json_readings {
  std::vector<named_reading>
      entities; ///< In the order in which they were asked for; none has failed.
  /// Of the last change that they show: everything up to it, nothing behind it. None: there is no change yet.
  std::optional<position_type> position;
  std::optional<cairn::failed> failure; ///< Set: nothing above has a meaning.
};

/// What to read.
struct named_entity {
  const entity_type* type = nullptr; ///< Hosted by the world, and the type in `key`.
  std::string key;                   ///< `type/id`
};

/// Reads several entities at one point of the journal, so that no transaction is seen by half.
/// Thread: any. `callback` runs once, where those of `entity_ref::post` do, as they do.
/// Errors: those of `read_all::get`; `entity_error` when JSON cannot hold a state.
void post_read_all(world& in, const std::vector<named_entity>& entities,
                   std::function<void(json_readings)> callback);

} // namespace cairn
