#include <cairn/detail/cause.hpp>

#include <xxhash.h>

#include <cstring>

namespace cairn {

std::string_view find_meta(const metadata& meta, std::string_view name) noexcept {
  for (const auto& [key, value] : meta) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

content_hash hash_content(std::string_view command, std::string_view arguments_json) noexcept {
  // The name seeds the hash of the arguments, which keeps ("a", "bc") and ("ab", "c") apart.
  const XXH64_hash_t seed = XXH3_64bits(command.data(), command.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(
      &canonical, XXH3_128bits_withSeed(arguments_json.data(), arguments_json.size(), seed));
  content_hash hash;
  static_assert(sizeof canonical.digest == sizeof hash);
  std::memcpy(hash.data(), canonical.digest, hash.size());
  return hash;
}

} // namespace cairn
