#pragma once

#include "cli/exec_request.hpp"

namespace cairn::cli {

/// `items` of `transact`.
bool decode_items(const boost::json::object& line, const session& known, exec_request& request,
                  json::problem& wrong);

/// `entities` of `read_all`.
bool decode_entities(const boost::json::object& line, const session& known, exec_request& request,
                     json::problem& wrong);

} // namespace cairn::cli
