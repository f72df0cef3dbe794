#pragma once

#include "cli/exec_request.hpp"

namespace cairn::cli {

/// The fields of `update_all`.
bool decode_update(const boost::json::object& line, const session& known, exec_request& request,
                   json::problem& wrong);

} // namespace cairn::cli
