#pragma once

#include <cairn/detail/request.hpp>

#include <cstdint>
#include <string>
#include <system_error>

namespace cairn::runtime {

class entity_process;

/// A transaction, as one of its entities meets it: it holds the entity until its end is known.
class held_request : public detail::request {
public:
  /// Tells it from every other one, also of the past: an entity that is to be let go may be held by another by
  /// then, at the same address.
  std::uint64_t serial() const noexcept { return serial_; }

  /// It has come to an entity that is in memory and that nobody holds.
  virtual void arrive(entity_process& at) noexcept = 0;

  /// The entity that it waited for could not be loaded.
  virtual void abandon(std::error_code error, const std::string& message) = 0;

protected:
  held_request() noexcept;

private:
  std::uint64_t serial_;
};

/// Tells one of its entities how a transaction ended. It does not keep the transaction, which so is freed where it
/// was answered: `bench_ways_out` lost a fifth of the persistence thread to memory that came back from others.
class settle_request final : public detail::request {
public:
  settle_request(std::uint64_t serial, bool counts) : serial_(serial), counts_(counts) {
    what = verb::settle;
  }

  std::uint64_t serial() const noexcept { return serial_; }
  bool counts() const noexcept { return counts_; }
  void complete() noexcept override {}

private:
  std::uint64_t serial_;
  bool counts_;
};

/// Has an entity go on with those who wait; it holds up nobody else for longer than a few of them take.
class turn_request final : public detail::request {
public:
  turn_request() { what = verb::turn; }
  void complete() noexcept override {}
};

} // namespace cairn::runtime
