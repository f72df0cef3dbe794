#pragma once

#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include "protocol/request.hpp"
#include "protocol/request_order.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::protocol {

class session_core;

/// A request on its whole way, from its line to its reply.
struct pending_request : ordered_request {
  std::string reference; ///< As `reply::reference`.
  reply_callback callback;
  std::size_t bytes = 0;
  std::atomic<bool> has_ended{false};
  // Until it is sent:
  boost::json::value text;
  decoded_request asked; ///< Points into `text`.
};
using pending_ptr = std::shared_ptr<pending_request>;

/// What a session is made of. The requests that it has sent hold it too.
/// Thread: any.
class session_core : public std::enable_shared_from_this<session_core> {
public:
  session_core(world& in, session_options options);

  void handle(std::string_view line, reply_callback callback, const metadata& given);
  void handle_value(boost::json::value&& request, reply_callback callback, const metadata& given);
  void refuse(std::string reference, reply_callback callback, const json::problem& wrong);
  void refuse_long(std::string reference, reply_callback callback);
  void cancel() noexcept;
  bool is_cancelled() const noexcept;
  std::size_t under_way() const noexcept;
  std::size_t bytes() const noexcept;

private:
  enum class admission : std::uint8_t { start, wait, overloaded, cancelled };

  void refuse_reference(const boost::json::value& ref, reply_callback callback);
  void take(const pending_ptr& request, const metadata& given);
  admission admit(const pending_ptr& request);
  void start_ready();

  // To the world:
  void send(const pending_ptr& request);
  void start(const pending_ptr& request);
  void send_command(const pending_ptr& request);
  void read(const pending_ptr& request);
  void read_history(const pending_ptr& request);
  void list(const pending_ptr& request);
  void lease(const pending_ptr& request);
  void transact(const pending_ptr& request);
  void read_all(const pending_ptr& request);
  void update_all(const pending_ptr& request);

  // And back:
  void end(const pending_ptr& request, reply given);
  void end_invalid(const pending_ptr& request, const json::problem& wrong);
  void call(reply_callback callback, reply&& given) noexcept;

  world& world_;
  const session_options options_;
  const std::vector<const entity_type*> types_;

  mutable std::mutex mutex_;
  std::condition_variable quiet_; // no callback is running
  request_order order_;
  std::deque<request_order::request_ptr> ready_; // may start, and no thread has taken them
  std::size_t under_way_ = 0;
  std::size_t bytes_ = 0;
  std::size_t calls_ = 0;    // callbacks that are running
  bool is_starting_ = false; // a thread takes what is ready
  bool cancelled_ = false;
};

} // namespace cairn::protocol
