#pragma once

#include <cairn/json.hpp>

#include <string>
#include <string_view>

/// Keys of maps: text, integers in decimal, enumerators, and what such a one stands for.
namespace cairn::json::detail {

/// Appends a key in quotes.
bool write_key(std::string& out, const void* key, const codec& of, problem& wrong);

/// Takes a key as `write_key` writes it, and no other way: `01` is not 1.
bool read_key(std::string_view text, void* out, const codec& of, problem& wrong);

/// A key as paths show it.
std::string key_text(const void* key, const codec& of);

} // namespace cairn::json::detail
