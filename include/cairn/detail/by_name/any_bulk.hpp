#pragma once

#include <cairn/json.hpp>
#include <cairn/transaction.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// Bulk updates by name and JSON.
namespace cairn {

/// Compares a member of a state, as JSON, with a value.
struct state_condition {
  enum class comparison : std::uint8_t { eq, ne, lt, le, gt, ge };

  std::string path; ///< JSON pointer, such as `/value`.
  comparison op = comparison::eq;
  boost::json::value value; ///< A number, string or boolean.
};

/// Does `state` have a value of the same kind at the path, and is it as the condition says? Numbers compare by
/// value, strings by bytes, false is less than true. A path that leads nowhere, or to anything else, does not
/// match, whatever the comparison.
bool holds(const state_condition& condition, const boost::json::value& state) noexcept;

/// A bulk update whose type and command are known by name only; `cairn::update_all` says what one is.
/// Thread: one at a time.
class any_update {
public:
  /// What to send. False: there is no such command, its arguments do not decode, or the type requires an
  /// expectation; then `wrong` says what is wrong at `command`, `args.…` or `type`.
  bool set_command(const entity_type& type, std::string_view command,
                   const boost::json::value& arguments, json::problem& wrong);

  /// Which entities it concerns; without it all that exist.
  void set_condition(state_condition condition);

  void set_options(bulk_options options);

  /// Sends it, and waits for the end. The command must be set, and its type hosted by `in`.
  /// Thread: blocks; never on a thread that runs entities or calls back.
  bulk_result run(world& in) const;

private:
  detail::bulk_plan plan_;
};

/// Appends `"updated":{…}`, or, when it was not done at all, what a transaction or a failure has instead.
void write_bulk_json(std::string& out, const bulk_result& ended);

} // namespace cairn
