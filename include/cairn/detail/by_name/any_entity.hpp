#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/request.hpp>
#include <cairn/world.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Entities by name and JSON: for tools, gateways and tests that do not know the types at compile time.
namespace cairn {

/// How a command ended, in one type for all.
struct any_outcome {
  std::string entity; ///< `type/id`
  expectation expected;
  cairn::answer answer; ///< Never `state`.
};

/// An entity as a tool sees it: its state as JSON.
struct json_reading {
  std::string state_json; ///< `null` when it does not exist.
  version_type version = 0;
  bool exists = false;
  std::optional<cairn::failed> failure; ///< Set: nothing above has a meaning.
};

struct history_page {
  std::vector<change> changes;
  bool more = false;                    ///< There are others behind the last one.
  std::optional<cairn::failed> failure; ///< Set: nothing above has a meaning.
};

/// Appends `"accepted":{…}`, `"conflict":{…}`, `"rejected":{…}` or `"failed":{…}`, the member that a reply
/// to a request has for the outcome.
void write_outcome_json(std::string& out, const any_outcome& ended);

/// Appends `"conflict":{…}`, with what it was asked to show.
void write_conflict_json(std::string& out, const conflict& met);

/// Appends `"failed":{…}`.
void write_failed_json(std::string& out, const failed& failure);

/// An entity to send to by name. Cheap to copy; must not outlive its world.
/// Thread: any. Callbacks run once, where those of `entity_ref::post` do, and must not block; what they throw is logged.
class any_entity {
public:
  using outcome_callback = std::function<void(any_outcome)>;
  using reading_callback = std::function<void(json_reading)>;
  using history_callback = std::function<void(history_page)>;
  using lease_callback = std::function<void(lease_outcome)>;

  /// `type` must be hosted by `world` and be the type in `key`.
  any_entity(world& world, const entity_type& type, std::string key);

  /// Sends a command. False: there is no such command, its arguments do not decode, or the type's policy
  /// forbids the expectation; then `wrong` says what is wrong at `command`, `args.…` or `expect`, and nothing
  /// is called back.
  bool post(std::string_view command, const boost::json::value& arguments, expectation expected,
            send_options options, outcome_callback callback, json::problem& wrong) const;

  /// Removes the entity. False: the type's policy forbids the expectation; then `wrong` says so at `expect`, and
  /// nothing is called back.
  bool post_remove(expectation expected, send_options options, outcome_callback callback,
                   json::problem& wrong) const;

  /// Takes a lease for a while, as `entity_ref::lease` does; with the token of one, renews it.
  void post_lease(std::chrono::milliseconds for_so_long, std::string token, lease_callback callback,
                  metadata meta = {}) const;

  /// Gives a lease back.
  /// Errors: `lease_lost` when it is no longer the entity's.
  void post_release(std::string token, lease_callback callback) const;

  /// Reads the current state, once it is durable.
  void post_read(reading_callback callback) const;

  /// Reads the state as it was at `version`, from the journal.
  /// Errors: `no_such_version` when the entity has not got there.
  void post_read_at(version_type version, reading_callback callback) const;

  /// Reads up to `limit` changes from version `from` on, from the journal; fewer, when they have more than
  /// `limits::history_bytes_max`.
  /// Errors: `no_such_version` when `from` is past the current version.
  void post_history(version_type from, std::size_t limit, history_callback callback) const;

  /// Reads up to `limit` changes that follow what has been seen at `from`, from the journal.
  /// Errors: `ahead` when the journal does not hold all that was seen: see `check_resume`.
  void post_history(const resume_token& from, std::size_t limit, history_callback callback) const;

private:
  void submit(detail::request_ptr asked, expectation expected, send_options options) const;
  void submit_lease(detail::request::verb what, std::chrono::milliseconds for_so_long,
                    std::string token, lease_callback callback, metadata meta) const;

  runtime::world_core* core_;
  detail::entity_address address_;
};

} // namespace cairn
