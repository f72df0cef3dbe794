#pragma once

#include <cairn/json.hpp>

#include <string_view>

/// Reads JSON as Cairn itself writes it: no white space, members in the order of their description, all there. That is
/// what journals hold, and it needs no tree in between. Whatever looks otherwise is left to `json::parse` and
/// `json::decode`, which judge it; so this accepts nothing that they refuse.
namespace cairn::json::detail {

bool read_canonical(std::string_view text, void* out, const codec& codec);

/// False: the text is not canonical JSON of a `T`; `out` is worth nothing.
template <class T>
bool read_canonical(std::string_view text, T& out) {
  return read_canonical(text, &out, codec_of<T>());
}

} // namespace cairn::json::detail
