#include <cairn/protocol.hpp>

#include "protocol/session_core.hpp"

#include <utility>

namespace cairn::protocol {

session::session(world& in, session_options options)
    : core_(std::make_shared<session_core>(in, std::move(options))) {}

session::session(session&&) noexcept = default;

session& session::operator=(session&& other) noexcept {
  if (this != &other) {
    if (core_) core_->cancel();
    core_ = std::move(other.core_);
  }
  return *this;
}

session::~session() {
  if (core_) core_->cancel();
}

void session::handle(std::string_view line, reply_callback callback, const metadata& given) {
  // A callback may destroy the session.
  const auto core = core_;
  core->handle(line, std::move(callback), given);
}

void session::handle_value(boost::json::value request, reply_callback callback,
                           const metadata& given) {
  const auto core = core_;
  core->handle_value(std::move(request), std::move(callback), given);
}

void session::refuse_long(std::string reference, reply_callback callback) {
  const auto core = core_;
  core->refuse_long(std::move(reference), std::move(callback));
}

void session::cancel() noexcept { core_->cancel(); }

std::size_t session::under_way() const noexcept { return core_->under_way(); }

std::size_t session::bytes() const noexcept { return core_->bytes(); }

} // namespace cairn::protocol
