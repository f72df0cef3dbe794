#pragma once

#include <cairn/by_name.hpp>
#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include <string>
#include <string_view>

/// What a request ended in, as its reply.
namespace cairn::protocol {

reply reply_of(const any_outcome& ended);
reply reply_of(const transaction_outcome& ended);
reply reply_of(const bulk_result& ended);
reply reply_of(const lease_outcome& ended);
reply reply_of(const json_reading& read);
reply reply_of(const json_readings& read);
reply reply_of(const history_page& page);
reply reply_of(const listing& found);
reply reply_of(const failed& failure);

/// What a lease that was given back ended in.
reply release_reply(const lease_outcome& ended);

/// What quotes a line may be anything; what is not UTF-8 is said to be so.
reply invalid_reply(std::string_view path, std::string_view message);

} // namespace cairn::protocol
