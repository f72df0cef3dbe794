#pragma once

#include <string>
#include <string_view>

/// `reply` with `"M"` for its message, `"T"` for its times and `"K"` for its lease token.
std::string without_messages(std::string_view reply);

/// A member of a reply, by JSON pointer, as text: `"/accepted/version"`; empty when it is not
/// there.
std::string member_of(std::string_view reply, std::string_view pointer);
