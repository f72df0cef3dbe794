#pragma once

#include <cairn/any_bulk.hpp>
#include <cairn/any_transaction.hpp>
#include <cairn/world.hpp>

#include "cli/exec_replies.hpp"

#include <string>
#include <string_view>

/// What a request ended in, as the members of its reply.
namespace cairn::cli {

/// The store's own failures end in status 2; what one request met there does not.
gravity gravity_of(const std::error_code& error);

std::string members_of(const any_outcome& ended);
std::string members_of(const transaction_outcome& ended);
std::string members_of(const bulk_result& ended);
std::string members_of(const conflict& met);
std::string members_of(const failed& failure);
std::string members_of(const leased& lease);
std::string members_of(const json_reading& read);
std::string members_of(const json_readings& read);
std::string members_of(const history_page& page);
std::string members_of(const listing& found);

/// What quotes a line may be anything; what is not UTF-8 is said to be so.
std::string invalid_members(std::string_view path, std::string_view message);

} // namespace cairn::cli
