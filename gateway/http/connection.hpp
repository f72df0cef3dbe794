#pragma once

#include "gateway/http/answer.hpp"
#include "gateway/http/context.hpp"
#include "gateway/http/routes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace cairn::http {

/// One client's connection: a request after the other, each answered before the next is read, so that answers to
/// pipelined requests come in their order.
/// Thread: the loop's.
class connection : public std::enable_shared_from_this<connection> {
public:
  using clock = std::chrono::steady_clock;

  connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<context> with);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void start() { await_request(); }

  /// Ends it once the answer under way, if any, has been given.
  void finish();

  /// Ends it now.
  void cut() noexcept;

  /// Ends what has taken too long.
  void check(clock::time_point now);

private:
  enum class phase : std::uint8_t { idle, head, body, working, answering, closing };
  using error_code = boost::beast::error_code;
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  template <class Work>
  void guarded(Work work);
  void enter(phase next) noexcept;
  void hold(std::size_t bytes) noexcept;
  void await_request();
  void read_head();
  void read_body();
  void go_on_with_body();
  void handle();
  void dispatch();
  void ask(routed asked);
  void send(answer given);
  void refuse_unread(const error_code& failed);
  void end_politely();
  void drain_rest();

  boost::asio::ip::tcp::socket socket_;
  const std::shared_ptr<context> context_;
  boost::asio::ip::address peer_;
  phase phase_ = phase::idle;
  clock::time_point deadline_;
  bool timed_out_ = false;
  bool last_ = false; // the connection ends with this answer
  std::size_t drained_ = 0;
  std::size_t held_bytes_ = 0; // body and answer, counted in the context
  boost::beast::flat_buffer buffer_;
  std::optional<parser> parser_; // only while there is a request: an idle connection is small
  std::shared_ptr<protocol::session> session_;
  std::shared_ptr<connection> kept_; // itself, while only the world has something to do for it
};

} // namespace cairn::http
