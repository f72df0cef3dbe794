#include "gateway/http/connection.hpp"

#include <cairn/entity.hpp>

#include "gateway/http/origin.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace cairn::http {

namespace {

namespace net = boost::asio;
namespace bh = boost::beast::http;

/// Most heads fit; what has come is read with one call.
constexpr std::size_t first_read_bytes = 1'024;

/// A buffer that one request made larger is not kept for the next.
constexpr std::size_t kept_buffer_bytes = 4'096;

/// A client that has been refused may still be sending; it gets to read why.
constexpr std::size_t drained_bytes_max = 1U << 20U;
constexpr std::chrono::seconds drained_time{2};

constexpr std::string_view too_many_bytes =
    "the bodies and answers of all connections hold too many bytes "
    "(gateway_limits::held_bytes_max)";

/// `Sun, 06 Nov 1994 08:49:37 GMT`, made once a second. Thread: the loop's.
const std::string& date_now() {
  thread_local std::time_t at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != at) {
    std::tm parts{};
    std::array<char, 32> made{};
    ::gmtime_r(&now, &parts);
    text.assign(made.data(),
                std::strftime(made.data(), made.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    at = now;
  }
  return text;
}

std::string types_json(const std::vector<const entity_type*>& types) {
  std::string out = "{\"types\":[";
  for (const auto* type : types) {
    out += out.back() == '[' ? "{\"type\":" : ",{\"type\":";
    json::write_string(out, type->name);
    out += ",\"commands\":[";
    for (const auto& command : type->commands) {
      if (&command != &type->commands.front()) out += ',';
      json::write_string(out, command.name);
    }
    out += "]}";
  }
  return out += "]}";
}

answer text_answer(unsigned status, std::string text) {
  answer made{status, "text/plain; charset=utf-8", std::move(text)};
  return made;
}

/// What needs no entity.
answer own_answer(const route& found, context& with) {
  if (found.path == "/livez") return text_answer(200, "alive\n");
  if (found.path == "/readyz") {
    auto made = with.ready ? text_answer(200, "ready\n") : text_answer(503, "draining\n");
    if (!with.ready) made.retry_after_s = 1;
    return made;
  }
  if (found.path == "/metrics") {
    auto made = text_answer(200, with.served.metrics());
    made.content_type = "text/plain; version=0.0.4";
    write_metrics(made.body, with.counts);
    return made;
  }
  answer made;
  made.body = types_json(with.types);
  return made;
}

bool is_hosted(const context& with, std::string_view type) {
  return std::any_of(with.types.begin(), with.types.end(),
                     [&](const auto* known) { return known->name == type; });
}

template <class Body>
void set_fields(bh::response<Body>& to, const answer& given, unsigned version, bool keep) {
  to.version(version);
  to.result(given.status);
  to.set(bh::field::date, date_now());
  to.set(bh::field::cache_control, "no-cache");
  to.set("X-Content-Type-Options", "nosniff");
  if (given.status != 304 && given.status != 204)
    to.set(bh::field::content_type, std::string(given.content_type));
  if (!given.etag.empty()) to.set(bh::field::etag, '"' + given.etag + '"');
  if (!given.next.empty()) to.set(bh::field::link, '<' + given.next + ">; rel=\"next\"");
  if (!given.allow.empty()) to.set(bh::field::allow, std::string(given.allow));
  if (given.retry_after_s != 0) to.set(bh::field::retry_after, std::to_string(given.retry_after_s));
  to.keep_alive(keep);
}

} // namespace

void write_metrics(std::string& out, const gateway_counts& counts) {
  const auto line = [&](std::string_view name, std::string_view kind, std::string_view what) {
    out.append("# HELP cairn_gateway_").append(name).append(" ").append(what);
    out.append("\n# TYPE cairn_gateway_").append(name).append(" ").append(kind).append("\n");
  };
  const auto value = [&](std::string_view name, std::string_view labels, std::uint64_t number) {
    out.append("cairn_gateway_").append(name).append(labels).append(" ");
    out.append(std::to_string(number)).append("\n");
  };
  line("connections", "gauge", "Connections now.");
  value("connections", "", counts.connections);
  line("connections_accepted_total", "counter", "Connections taken.");
  value("connections_accepted_total", "", counts.accepted);
  line("connections_refused_total", "counter", "Connections beyond a limit.");
  value("connections_refused_total", "", counts.refused);
  line("connections_broken_total", "counter",
       "Connections ended by an error of the gateway's own.");
  value("connections_broken_total", "", counts.broken);
  line("held_bytes", "gauge", "Bytes of bodies and answers now.");
  value("held_bytes", "", counts.held_bytes);
  line("answers_total", "counter", "Answers by the first digit of their status.");
  for (unsigned digit = 1; digit < 6; ++digit) {
    value("answers_total", "{status=\"" + std::to_string(digit) + "xx\"}", counts.answers[digit]);
  }
}

connection::connection(net::ip::tcp::socket socket, std::shared_ptr<context> with)
    : socket_(std::move(socket)), context_(std::move(with)) {
  error_code ignored;
  peer_ = socket_.remote_endpoint(ignored).address();
  socket_.set_option(net::ip::tcp::no_delay(true), ignored);
  ++context_->counts.connections;
  ++context_->counts.of_address[peer_];
}

connection::~connection() {
  if (session_) session_->cancel();
  hold(0);
  auto& counts = context_->counts;
  --counts.connections;
  const auto known = counts.of_address.find(peer_);
  if (--known->second == 0) counts.of_address.erase(known);
}

/// What is thrown ends this connection and no other. Whoever calls holds the connection.
template <class Work>
void connection::guarded(Work work) {
  detail::guard(work, [this](const std::string&) {
    ++context_->counts.broken;
    cut();
  });
}

/// Counts what the connection holds now, in place of what it held.
void connection::hold(std::size_t bytes) noexcept {
  context_->counts.held_bytes += bytes - held_bytes_;
  held_bytes_ = bytes;
}

void connection::enter(phase next) noexcept {
  const auto& limits = context_->options.limits;
  phase_ = next;
  timed_out_ = false;
  switch (next) {
    case phase::idle:
      deadline_ = clock::now() + limits.idle_time;
      return;
    case phase::head:
      deadline_ = clock::now() + limits.header_time;
      return;
    case phase::body:
    case phase::answering:
      deadline_ = clock::now() + limits.body_time;
      return;
    case phase::closing:
      deadline_ = clock::now() + drained_time;
      return;
    case phase::working:
      deadline_ = clock::time_point::max();
  }
}

void connection::check(clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = clock::time_point::max();
  if (phase_ != phase::head && phase_ != phase::body) return cut();
  timed_out_ = true; // what is being read is broken off, and answered
  error_code ignored;
  socket_.cancel(ignored);
}

void connection::finish() {
  last_ = true;
  if (phase_ == phase::idle) cut();
}

void connection::cut() noexcept {
  error_code ignored;
  socket_.close(ignored);
  kept_.reset(); // the last thing that is done here
}

void connection::await_request() {
  if (context_->ending) return end_politely();
  parser_.reset();
  hold(0);
  if (buffer_.capacity() > kept_buffer_bytes && buffer_.size() < first_read_bytes) {
    buffer_.shrink_to_fit();
  }
  if (buffer_.size() != 0) return read_head(); // pipelined
  enter(phase::idle);
  socket_.async_read_some(buffer_.prepare(first_read_bytes),
                          [self = shared_from_this()](error_code failed, std::size_t bytes) {
                            if (failed || !self->socket_.is_open())
                              return; // what had come was cut off all the same
                            self->buffer_.commit(bytes);
                            self->read_head();
                          });
}

void connection::read_head() {
  enter(phase::head);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_->options.limits.header_bytes_max));
  parser_->body_limit(context_->options.limits.body_bytes_max);
  bh::async_read_header(socket_, buffer_, *parser_,
                        [self = shared_from_this()](error_code failed, std::size_t) {
                          if (failed) return self->refuse_unread(failed);
                          self->read_body();
                        });
}

/// A client that asks whether it may send its body is told so.
void connection::read_body() {
  enter(phase::body);
  const auto& head = parser_->get();
  const auto expects = head[bh::field::expect];
  if (expects.empty() || parser_->is_done()) return go_on_with_body();
  if (!boost::beast::iequals(expects, "100-continue")) {
    last_ = true;
    return send(problem(417, "unknown_expectation", "only 100-continue is known"));
  }
  auto go_on =
      std::make_shared<bh::response<bh::empty_body>>(bh::status::continue_, head.version());
  bh::async_write(socket_, *go_on,
                  [self = shared_from_this(), go_on](error_code failed, std::size_t) {
                    if (!failed) self->go_on_with_body();
                  });
}

/// Piece by piece: what is counted is what has come, not what was announced.
void connection::go_on_with_body() {
  if (parser_->is_done()) return handle();
  const auto others = context_->counts.held_bytes - held_bytes_;
  if (others != 0 && others + held_bytes_ > context_->options.limits.held_bytes_max) {
    last_ = true;
    return send(problem(503, "overloaded", too_many_bytes));
  }
  bh::async_read_some(socket_, buffer_, *parser_,
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        if (failed) return self->refuse_unread(failed);
                        self->hold(self->parser_->get().body().size());
                        self->go_on_with_body();
                      });
}

/// What is no request gets an answer where one can be given, and the connection ends: nobody knows where the next one
/// would begin.
void connection::refuse_unread(const error_code& failed) {
  last_ = true;
  if (timed_out_) return send(problem(408, "timeout", "the request did not arrive in time"));
  if (failed == bh::error::header_limit) {
    return send(problem(431, "header_too_large",
                        "a request's header has at most " +
                            std::to_string(context_->options.limits.header_bytes_max) + " bytes"));
  }
  if (failed == bh::error::body_limit) {
    return send(problem(413, "too_large",
                        "a request's body has at most " +
                            std::to_string(context_->options.limits.body_bytes_max) + " bytes"));
  }
  const bool is_malformed =
      failed.category() == make_error_code(bh::error::bad_version).category() &&
      failed != bh::error::end_of_stream && failed != bh::error::partial_message;
  if (!is_malformed) return cut(); // the client is gone
  send(problem(400, "malformed", "no HTTP request: " + failed.message()));
}

void connection::handle() {
  if (!socket_.is_open()) return; // nobody could be answered
  enter(phase::working);
  guarded([this] { dispatch(); });
}

void connection::dispatch() {
  auto& request = parser_->get();
  if (!request.keep_alive()) last_ = true;
  const auto method = request.method();
  if (method != bh::verb::get && method != bh::verb::head && method != bh::verb::post &&
      method != bh::verb::delete_ && method != bh::verb::options) {
    return send(problem(405, "method_not_allowed", "only GET, HEAD, POST, DELETE and OPTIONS"));
  }
  if (auto refused = refuse_origin(request, context_->options.hosts)) {
    return send(std::move(*refused));
  }
  target wanted;
  if (!parse_target({request.target().data(), request.target().size()}, wanted)) {
    return send(problem(400, "invalid", "the target is no path, or an escape in it is broken"));
  }
  const route* found = nullptr;
  auto asked = route_request(request, wanted, found);
  if (asked.at_once) return send(std::move(*asked.at_once));
  if (found->verb.empty()) return send(own_answer(*found, *context_));
  if (!asked.type.empty() && !is_hosted(*context_, asked.type)) {
    return send(problem(404, "not_found", "there is no entity type " + std::string(asked.type)));
  }
  if (context_->counts.held_bytes - held_bytes_ > context_->options.limits.held_bytes_max) {
    return send(problem(503, "overloaded", too_many_bytes));
  }
  ask(std::move(asked));
}

void connection::ask(routed asked) {
  if (!session_) {
    protocol::session_options options;
    options.run_blocking = [with = context_](std::function<void()> job) {
      net::post(with->updates, std::move(job));
    };
    session_ = std::make_shared<protocol::session>(context_->served, std::move(options));
  }
  kept_ = shared_from_this();
  const bool waits = asked.request.at("do") == boost::json::value("list");
  auto replied = [weak = weak_from_this(), &loop = context_->loop, how = asked.how,
                  page = std::move(asked.page), from = asked.page_from](protocol::reply given) {
    net::post(loop, [weak, how, page, from, given = std::move(given)] {
      const auto self = weak.lock();
      if (!self || !self->kept_) return; // it was cut off
      self->guarded([&] {
        auto made = answer_of(given, how);
        if (!given.next.empty()) {
          made.next = page + std::string(from) + '=';
          append_escaped(made.next, given.next);
        }
        self->send(std::move(made));
        self->kept_.reset();
      });
    });
  };
  static const metadata nobody{{"principal", "anonymous"}};
  if (!waits) return session_->handle_value(std::move(asked.request), std::move(replied), nobody);
  net::post(context_->listings, [session = session_, request = std::move(asked.request), replied,
                                 weak = weak_from_this(), &loop = context_->loop]() mutable {
    const auto list = [&] {
      session->handle_value(std::move(request), std::move(replied), nobody);
    };
    detail::guard(list, [&](const std::string&) {
      net::post(loop, [weak] {
        if (const auto self = weak.lock()) self->cut();
      });
    });
  });
}

void connection::send(answer given) {
  enter(phase::answering);
  hold(held_bytes_ + given.body.size());
  ++context_->counts.answers[std::min(given.status / 100, 5U)];
  last_ = last_ || context_->ending;
  const auto& request = parser_->get();
  const unsigned version = request.version() == 10 ? 10 : 11;
  const auto written = [self = shared_from_this()](error_code failed, std::size_t) {
    if (failed) return self->cut();
    return self->last_ ? self->end_politely() : self->await_request();
  };
  const bool bare =
      request.method() == bh::verb::head || given.status == 304 || given.status == 204;
  if (bare) {
    auto made = std::make_shared<bh::response<bh::empty_body>>();
    set_fields(*made, given, version, !last_);
    if (request.method() == bh::verb::head) made->content_length(given.body.size());
    bh::async_write(socket_, *made,
                    [made, written](error_code failed, std::size_t n) { written(failed, n); });
    return;
  }
  auto made = std::make_shared<bh::response<bh::string_body>>();
  set_fields(*made, given, version, !last_);
  made->body() = std::move(given.body);
  made->prepare_payload();
  bh::async_write(socket_, *made,
                  [made, written](error_code failed, std::size_t n) { written(failed, n); });
}

/// The client gets to read the last answer: a socket that is closed with unread bytes is reset, and the answer lost.
void connection::end_politely() {
  parser_.reset();
  hold(0);
  error_code failed;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, failed);
  if (failed) return cut();
  enter(phase::closing);
  drain_rest();
}

void connection::drain_rest() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(first_read_bytes),
                          [self = shared_from_this()](error_code failed, std::size_t bytes) {
                            self->drained_ += bytes;
                            if (failed || self->drained_ > drained_bytes_max) return self->cut();
                            self->drain_rest();
                          });
}

} // namespace cairn::http
