#pragma once

#include "gateway/http/answer.hpp"
#include "gateway/http/routes.hpp"

#include <optional>
#include <span>
#include <string>

namespace cairn::http {

/// Whether a request is meant for this gateway, and no page of another origin has sent it. A browser on this machine would
/// else do for any page what its owner may do: send commands by a form, or read by a name that was made to lead here.
/// `hosts`: names that the gateway goes by, besides those of the loopback.
/// Errors: the refusal: `Host` is missing, there twice, or none of them; `Origin` is another one than `Host`.
std::optional<answer> refuse_origin(const received& from, std::span<const std::string> hosts);

} // namespace cairn::http
