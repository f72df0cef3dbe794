#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// JSON pointers (RFC 6901) to the smallest parts at which two values differ, in their order; an array whose
/// length changed is one such part. Empty: they are equal.
std::vector<std::string> differing_paths(const boost::json::value& a, const boost::json::value& b);

/// The value at a JSON pointer; null: there is none.
const boost::json::value* find_at(const boost::json::value& root,
                                  std::string_view pointer) noexcept;

} // namespace cairn
