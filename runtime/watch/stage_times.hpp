#pragma once

#include <cairn/detail/request.hpp>

#include "runtime/watch/histogram.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::runtime {

/// Where the time of a command goes, in its order, and what entities wait for.
enum class stage : std::uint8_t {
  mailbox,    ///< Until its entity takes it up, loading included.
  decide,     ///< Checks, `decide`, `apply`.
  batch_wait, ///< Encoding the change, and waiting in line until its batch goes to the journal.
  sync,       ///< The journal's write of a batch, with its sync.
  load,       ///< Loading an entity from the journal.
};

inline constexpr std::size_t stage_count = 5;

std::string_view to_string(stage what) noexcept;

/// How long stages take. Of commands about one in 64 is measured, so that the others pay for no look at the clock;
/// every sync and every load is.
/// Units:  nanoseconds; of a sampled command multiples of 64, and no stage of one is longer than 4.5 minutes.
/// Thread: any.
class stage_times {
public:
  static constexpr std::size_t bounds = 24;
  using times = histogram<bounds>;

  stage_times() noexcept;

  /// Picks some of the commands, and begins their first stage.
  static void sample(detail::request& sent) noexcept {
    if (sent.what <= detail::request::verb::remove && is_picked()) {
      begin(sent);
    }
  }

  /// A sampled command leaves a stage, and enters the next.
  void leave(stage left, detail::request& sampled) noexcept;

  void count(stage what, std::chrono::nanoseconds took) noexcept;

  const times& of(stage what) const noexcept { return times_[static_cast<std::size_t>(what)]; }

private:
  static bool is_picked() noexcept {
    static thread_local std::uint32_t to_go = 1;
    return --to_go == 0 && ((to_go = next_gap()), true);
  }
  static std::uint32_t next_gap() noexcept;
  static void begin(detail::request& sent) noexcept;

  std::array<times, stage_count> times_;
};

} // namespace cairn::runtime
