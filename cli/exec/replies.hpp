#pragma once

#include <cairn/protocol.hpp>

#include "cli/wake.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace cairn::cli {

/// What a reply means for the exit status, whose value it is.
enum class gravity : std::uint8_t { fine = 0, invalid = 1, store_failed = 2 };

/// Where replies wait to be written, one line each.
/// Thread: any, but for `take`.
class reply_box {
public:
  void put(const protocol::reply& given);

  /// Moves all replies to `lines`, whose content is lost; returns how many they are.
  std::size_t take(std::string& lines);

  /// Readable when there is something to take.
  int descriptor() const noexcept { return wake_.descriptor(); }

  /// The gravest of all so far.
  gravity worst() const;

private:
  wake_pipe wake_;
  mutable std::mutex mutex_;
  std::string lines_;
  std::size_t count_ = 0;
  gravity worst_ = gravity::fine;
};

} // namespace cairn::cli
