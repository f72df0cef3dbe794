#pragma once

#include <cairn/detail/cause.hpp>
#include <cairn/detail/expectation.hpp>
#include <cairn/detail/reference_scanner.hpp>
#include <cairn/detail/types.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace cairn {
class world;
}

/// Requests as JSON, the same for every way in: `cairn exec`, a gateway, a transport of one's own. What requests and
/// replies look like is in docs/guide/command-line.md, "Requests as JSON Lines". No transport, no files, no threads of its own.
namespace cairn::protocol {

/// Longest line, without its end.
inline constexpr std::size_t line_bytes_max = std::size_t{16} << 20U;

/// How a request ended, all verbs alike.
enum class ending : std::uint8_t {
  done,     ///< Accepted, or what was asked for.
  conflict, ///< Of a command without expectation: the entity was unavailable.
  rejected,
  failed,
  invalid, ///< No valid request; nothing was sent.
};

/// The reply to a request: its text, and what a transport with status codes of its own needs to know of it.
struct reply {
  ending what = ending::done;
  std::string reference; ///< The request's `ref` as JSON, as it was given; empty: it had none.
  std::string members;   ///< All others, as JSON: `"accepted":{"version":4}`.
  /// Of the one entity that the request is about, as far as the reply tells: after the command, the actual one of a
  /// conflict, the one that was read.
  std::optional<version_type> version{};
  bool exists = true;                             ///< False: what was read does not exist.
  std::optional<conflict_kind> conflict_of_one{}; ///< Of a conflict with one entity.
  std::error_code error{};                        ///< Of what failed.
  std::string path{};        ///< Of what is invalid: the member, as in its text.
  std::string next{};        ///< Where the next page begins, when there is one.
  bool store_failed = false; ///< The journal's store itself failed, not this request alone.
};

/// Appends the reply as one JSON object, without a line's end.
void write_reply(std::string& out, const reply& given);

using reply_callback = std::function<void(reply)>;

/// How a session runs, and its bounds.
struct session_options {
  /// A longer line is invalid.
  std::size_t line_bytes_max = protocol::line_bytes_max;
  /// Requests without a reply, and the bytes of their lines; beyond them a request fails with `overloaded`. One alone
  /// is never too large.
  std::size_t under_way_max = 65'536;
  std::size_t bytes_max = std::size_t{256} << 20U;
  /// Runs a job that blocks (`update_all`), on a thread that neither calls back nor runs entities. Every job is run or
  /// let go before the world ends; when it throws, the request fails with `overloaded`. Nothing: `handle` runs it, and
  /// blocks.
  std::function<void(std::function<void()>)> run_blocking{};
  /// Told in words what a `reply_callback` threw. Thread: the callback's; must not throw.
  std::function<void(std::string_view)> callback_threw{};
};

class session_core;

/// One client's requests: any number of them under way, replies as they are ready.
/// Order:    Requests to one entity are carried out in the order of the calls, also where one of them is about
///           several: it waits for those before it, and those behind it for its end. `list` and `update_all` wait
///           for none. Checks come in the order: the line, its fields, the limits, then those of the entity.
/// Callback: Runs once for each request; must not block. It may call everything here and destroy the session. What it
///           throws ends there. Before `handle` returns, on the caller's thread: what is invalid or refused at the
///           door, and `list`; else on a thread of the world, or the one that `run_blocking` runs on.
/// Thread:   any, but for construction, moves and destruction. Uses the types that the world hosts when it is made. Sends
///           nothing after `cancel`, so it may be destroyed after its world.
class session {
public:
  explicit session(world& in, session_options options = {});
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  /// As `cancel`.
  ~session();

  /// Takes a request as a line, without its end.
  /// `given`: what the transport knows of its client, such as `principal` and `causation`. It goes with the `meta` of
  ///          all that the request sends, and a request that has other text under one of these names is invalid.
  void handle(std::string_view line, reply_callback callback, const metadata& given = {});

  /// Takes a request as JSON: an object of the same form.
  void handle_value(boost::json::value request, reply_callback callback,
                    const metadata& given = {});

  /// The reply to a line beyond `line_bytes_max` that was not kept; `reference` is what `reference_scanner` found in it.
  void refuse_long(std::string reference, reply_callback callback);

  /// The client is gone: no callback begins any more. What the world has been given goes on, and ends unheard; what
  /// waited for others of the session is never sent.
  /// After:  no callback is running either, unless this was called inside one, of whatever session.
  void cancel() noexcept;

  /// Requests that have no reply yet, and the bytes of their lines.
  std::size_t under_way() const noexcept;
  std::size_t bytes() const noexcept;

private:
  std::shared_ptr<session_core> core_;
};

} // namespace cairn::protocol
