#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::compare {

/// Code points of valid UTF-8; what is not valid counts as one code point a byte.
std::vector<std::uint32_t> to_code_points(std::string_view text);

void append_utf8(std::string& out, std::uint32_t code);

} // namespace cairn::compare
