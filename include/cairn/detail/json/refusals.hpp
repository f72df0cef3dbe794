#pragma once

#include <cairn/detail/json/kinds.hpp>
#include <cairn/detail/json/names.hpp>

namespace cairn::json::detail {

template <class T>
inline constexpr bool can_be_kept = has_form<T>;

} // namespace cairn::json::detail
