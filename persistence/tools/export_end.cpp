#include "persistence/tools/export_end.hpp"

#include "persistence/format/json_slices.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn::persistence {

struct export_hash::state {
  XXH3_state_t hash;
};

export_hash::export_hash() : state_(std::make_unique<state>()) {
  (void)XXH3_128bits_reset(&state_->hash);
}

export_hash::~export_hash() = default;

void export_hash::add(std::string_view lines) {
  (void)XXH3_128bits_update(&state_->hash, lines.data(), lines.size());
}

std::string export_hash::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_->hash));
  std::string out;
  for (const unsigned char byte : canonical.digest) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

void write_end_line(std::string& out, const export_end_line& end) {
  out +=
      "{\"end\":{\"changes\":" + std::to_string(end.changes) + ",\"hash\":\"" + end.hash + "\"}}\n";
}

bool is_end_line(std::string_view line) noexcept {
  const auto brace = line.find_first_not_of(" \t");
  if (brace == line.npos || line[brace] != '{') return false;
  const auto name = line.find_first_not_of(" \t", brace + 1);
  return name != line.npos && line.substr(name).starts_with("\"end\"");
}

bool read_end_line(std::string_view line, export_end_line& end, std::string& wrong) {
  end = {};
  json_slices in(line);
  const auto member = [&](std::string_view name) {
    return name == "changes" ? in.number(end.changes) : in.text(end.hash);
  };
  const bool read = in.object({"end"}, {}, [&](std::string_view /*end*/) {
    return in.object({"changes", "hash"}, {}, member);
  }) && in.end();
  if (!read) wrong = in.problem();
  return read;
}

} // namespace cairn::persistence
