#include "protocol/session_core.hpp"

#include <cairn/entity.hpp>

#include "protocol/replies.hpp"

#include <algorithm>
#include <utility>

namespace cairn::protocol {

namespace {

/// How many callbacks this thread is in, one in another, of whatever session.
thread_local std::size_t calls_of_thread = 0;

/// Several entities are reached one after the other.
bool is_about_several(const decoded_request& asked) {
  return asked.what == decoded_request::verb::transact ||
         asked.what == decoded_request::verb::read_all;
}

std::vector<std::string> keys_of(const decoded_request& asked) {
  std::vector<std::string> keys;
  keys.reserve(asked.items.size() + 1);
  if (!asked.entity.empty()) keys.push_back(asked.entity);
  for (const auto& item : asked.items) keys.push_back(item.entity);
  return keys;
}

bool holds_integer(const boost::json::value& value) {
  return value.is_int64() || value.is_uint64();
}

/// However large; 64 bits need not hold it.
bool is_written_as_integer(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

const boost::json::value* reference_of(const boost::json::value& request) {
  const auto* object = request.if_object();
  return object == nullptr ? nullptr : find_field(*object, "ref");
}

reply overload(std::string reference) {
  auto made = reply_of(failed{runtime_errc::overloaded, fate::not_written,
                              "too many requests of this session have no reply yet"});
  made.reference = std::move(reference);
  return made;
}

} // namespace

session_core::session_core(world& in, session_options options)
    : world_(in), options_(std::move(options)), types_(in.types()) {}

void session_core::handle(std::string_view line, reply_callback callback, const metadata& given) {
  if (line.size() > options_.line_bytes_max) {
    reference_scanner scanner;
    scanner.feed(line);
    return refuse_long(scanner.finish(), std::move(callback));
  }
  auto request = std::make_shared<pending_request>();
  json::problem wrong;
  if (!json::parse(line, request->text, wrong)) {
    reference_scanner scanner;
    scanner.feed(line);
    return refuse(scanner.finish(), std::move(callback), wrong);
  }
  if (const auto* ref = reference_of(request->text)) {
    request->reference = reference_scanner::reference_in(line);
    if (!ref->is_string() && !(ref->is_number() && is_written_as_integer(request->reference))) {
      return refuse_reference(*ref, std::move(callback));
    }
  }
  request->callback = std::move(callback);
  request->bytes = line.size();
  take(request, given);
}

void session_core::handle_value(boost::json::value&& value, reply_callback callback,
                                const metadata& given) {
  auto request = std::make_shared<pending_request>();
  request->text = std::move(value);
  if (const auto* ref = reference_of(request->text)) {
    if (!ref->is_string() && !holds_integer(*ref))
      return refuse_reference(*ref, std::move(callback));
    json::write(request->reference, *ref);
  }
  request->callback = std::move(callback);
  take(request, given);
}

void session_core::take(const pending_ptr& request, const metadata& given) {
  json::problem wrong;
  request->asked.options.meta = given;
  if (!decode_request(request->text, types_, request->asked, wrong)) {
    return refuse(std::move(request->reference), std::move(request->callback), wrong);
  }
  switch (admit(request)) {
    case admission::start:
      return start(request);
    case admission::overloaded:
      return call(std::move(request->callback), overload(std::move(request->reference)));
    case admission::wait:
    case admission::cancelled:
      return;
  }
}

session_core::admission session_core::admit(const pending_ptr& request) {
  const std::lock_guard lock(mutex_);
  if (cancelled_) return admission::cancelled;
  const bool is_first = under_way_ == 0;
  if (!is_first && (under_way_ >= options_.under_way_max ||
                    request->bytes > options_.bytes_max - std::min(bytes_, options_.bytes_max))) {
    return admission::overloaded;
  }
  ++under_way_;
  bytes_ += request->bytes;
  if (!is_about_several(request->asked) && !order_.has(request->asked.entity)) {
    return admission::
        start; // most are so: none of the others is in the way, and none can come before it
  }
  request->keys = keys_of(request->asked);
  return order_.enter(request) ? admission::start : admission::wait;
}

void session_core::start(const pending_ptr& request) {
  send(request);
  request->text = nullptr; // the world has what it needs of it
}

/// One thread at a time, and in a loop: each may end before it returns, and the next be ready.
void session_core::start_ready() {
  std::unique_lock lock(mutex_);
  if (std::exchange(is_starting_, true)) return;
  while (!ready_.empty() && !cancelled_) {
    const auto next = std::static_pointer_cast<pending_request>(std::move(ready_.front()));
    ready_.pop_front();
    lock.unlock();
    start(next);
    lock.lock();
    // One about a single entity is there now, where nothing that is sent later overtakes it.
    if (!is_about_several(next->asked) && !cancelled_) order_.leave(*next, ready_);
  }
  is_starting_ = false;
}

void session_core::end(const pending_ptr& request, reply given) {
  if (request->has_ended.exchange(true)) return;
  given.reference = std::move(request->reference);
  {
    const std::lock_guard lock(mutex_);
    --under_way_;
    bytes_ -= request->bytes;
  }
  call(std::move(request->callback), std::move(given));
  if (!is_about_several(request->asked)) return;
  {
    const std::lock_guard lock(mutex_);
    if (!cancelled_) order_.leave(*request, ready_);
  }
  start_ready();
}

void session_core::call(reply_callback callback, reply&& given) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return;
    ++calls_;
  }
  ++calls_of_thread;
  const auto reply_once = [&] {
    const auto last = std::move(callback); // what it holds is let go in here too
    last(std::move(given));
  };
  cairn::detail::guard(reply_once, [this](const std::string& thrown) {
    if (options_.callback_threw) options_.callback_threw(thrown);
  });
  --calls_of_thread;
  const std::lock_guard lock(mutex_);
  if (--calls_ == 0) quiet_.notify_all();
}

void session_core::refuse(std::string reference, reply_callback callback,
                          const json::problem& wrong) {
  auto made = invalid_reply(wrong.path, wrong.message);
  made.reference = std::move(reference);
  call(std::move(callback), std::move(made));
}

void session_core::refuse_reference(const boost::json::value& ref, reply_callback callback) {
  refuse("", std::move(callback),
         {"ref", "expected string or integer, found " + json::describe(ref)});
}

void session_core::refuse_long(std::string reference, reply_callback callback) {
  refuse(std::move(reference), std::move(callback),
         {"", "the line is longer than " + std::to_string(options_.line_bytes_max) + " bytes"});
}

void session_core::end_invalid(const pending_ptr& request, const json::problem& wrong) {
  end(request, invalid_reply(wrong.path, wrong.message));
}

bool session_core::is_cancelled() const noexcept {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void session_core::cancel() noexcept {
  request_order dropped;
  std::deque<request_order::request_ptr> dropped_too;
  std::unique_lock lock(mutex_);
  cancelled_ = true;
  std::swap(order_, dropped);
  std::swap(ready_, dropped_too);
  if (calls_of_thread == 0) quiet_.wait(lock, [this] { return calls_ == 0; });
  lock.unlock(); // what is dropped lets go of users' callbacks
}

std::size_t session_core::under_way() const noexcept {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

std::size_t session_core::bytes() const noexcept {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

} // namespace cairn::protocol
