#pragma once

#include <cairn/detail/request.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace cairn::runtime {

/// Requests that wait, taken from the front a few at a time. Takes no memory while there are none.
/// Thread: one at a time.
class request_line {
public:
  bool empty() const noexcept { return taken_ == requests_.size(); }
  std::size_t size() const noexcept { return requests_.size() - taken_; }

  void push(detail::request_ptr last) {
    // Those that were taken go once they are more than half, so that each is moved once at most.
    if (taken_ >= few && taken_ > size()) {
      requests_.erase(requests_.begin(), requests_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
    requests_.push_back(std::move(last));
  }

  /// The first; there must be one.
  detail::request_ptr pop() {
    detail::request_ptr first = std::move(requests_[taken_++]);
    if (empty()) {
      std::exchange(requests_, {});
      taken_ = 0;
    }
    return first;
  }

private:
  static constexpr std::size_t few = 64;

  std::vector<detail::request_ptr> requests_;
  std::size_t taken_ = 0;
};

} // namespace cairn::runtime
