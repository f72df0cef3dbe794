#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::http {

/// What a request is for: `/v1/entities/wallet/alice?version=3`, cut up first and decoded then, so that an escaped slash
/// is part of a name.
struct target {
  std::vector<std::string> segments;                      ///< `v1`, `entities`, `wallet`, `alice`
  std::vector<std::pair<std::string, std::string>> query; ///< In the order given.
};

/// Errors: false: `text` does not begin with a slash, an escape is broken, or a segment or name holds a zero byte.
bool parse_target(std::string_view text, target& parsed);

/// Appends `text` so that it is one segment, or one value of a query.
void append_escaped(std::string& out, std::string_view text);

} // namespace cairn::http
