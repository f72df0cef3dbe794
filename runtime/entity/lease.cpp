#include "runtime/entity/lease.hpp"

#include <cstdint>
#include <random>

namespace cairn::runtime {

namespace {

/// Nobody finds it by chance, and none of a run before is among them.
std::string new_token() {
  std::random_device device;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string token;
  for (int word = 0; word < 4; ++word) {
    std::uint32_t bits = device();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4U) {
      token += digits[bits & 15U];
    }
  }
  return token;
}

} // namespace

std::chrono::milliseconds entity_lease::left(moment now) noexcept {
  if (!current_) {
    return {};
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(detail::between(now, current_->until));
  if (left.count() <= 0) {
    current_.reset();
    return {};
  }
  return left;
}

const std::string& entity_lease::take(moment until) {
  return current_.emplace(lease{new_token(), until}).token;
}

} // namespace cairn::runtime
