#include <cairn/detail/decision.hpp>

#include <bit>
#include <cstring>

namespace cairn {

rejected reject(std::string reason) { return {std::move(reason)}; }
rejected reject(const char* reason) { return {reason}; }

} // namespace cairn

namespace cairn::detail {

decision_core::decision_core(rejected&& why) : rejected_(std::move(why)) {}
// NOLINTNEXTLINE(performance-noexcept-move-constructor): an event's own move may throw
decision_core::decision_core(decision_core&&) = default;
decision_core::~decision_core() = default;

// NOLINTNEXTLINE(performance-noexcept-move-constructor): the same
part_list::part_list(part_list&& other) {
  if (other.first_.at == other.place_) {
    first_ = make(*other.first_.type, other.first_.index, other.place_);
    other.end(other.first_);
  } else {
    first_ = other.first_;
  }
  other.first_ = {};
  rest_.swap(other.rest_);
}

part_list::~part_list() {
  if (first_.at != nullptr) {
    end(first_);
  }
  for (const auto& each : rest_) {
    end(each);
  }
}

void part_list::add(const part_type& type, std::size_t index, void* from) {
  if (first_.at == nullptr && type.move == nullptr && type.bytes <= place_bytes) { // nearly always
    std::memcpy(place_, from, type.bytes);
    first_ = {&type, index, place_};
    return;
  }
  if (first_.at == nullptr) {
    first_ = make(type, index, from);
    return;
  }
  rest_.reserve(std::bit_ceil(rest_.size() + 1)); // what is made is kept, whatever is thrown
  rest_.push_back(make(type, index, from));
}

part_list::part part_list::make(const part_type& type, std::size_t index, void* from) {
  const bool in_place = first_.at == nullptr && type.bytes <= place_bytes &&
                        type.alignment <= alignof(std::max_align_t);
  void* at = in_place ? static_cast<void*>(place_)
                      : ::operator new(type.bytes, std::align_val_t(type.alignment));
  if (type.move == nullptr) {
    std::memcpy(at, from, type.bytes);
    return {&type, index, at};
  }
  try {
    type.move(at, from);
  } catch (...) { // an event's own code
    if (!in_place) {
      ::operator delete(at, std::align_val_t(type.alignment));
    }
    throw;
  }
  return {&type, index, at};
}

void part_list::end(const part& each) noexcept {
  if (each.type->destroy != nullptr) {
    each.type->destroy(each.at);
  }
  if (each.at != place_) {
    ::operator delete(each.at, std::align_val_t(each.type->alignment));
  }
}

} // namespace cairn::detail
