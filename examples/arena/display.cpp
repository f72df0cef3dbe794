#include "display.hpp"

#include "words.hpp"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace arena {

namespace {

constexpr std::uint64_t lines_between_heads = 20;

constexpr int time_width = 6;
constexpr int rate_width = 11;
constexpr int latency_width = 8;

std::uint64_t rate(std::uint64_t earlier, std::uint64_t later, double seconds) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(later - earlier) / seconds));
}

void write_head(std::ostream& out) {
  out << std::setw(time_width) << "second";
  for (const char* const title :
       {"commands", "accepted", "conflicts", "rejected", "batches", "entities"}) {
    out << std::setw(rate_width) << title;
  }
  for (const char* const title : {"p50 ms", "p95 ms", "p99 ms"}) {
    out << std::setw(latency_width) << title;
  }
  out << "\n";
}

} // namespace

display::display(const cairn::world& world, const tally& counts, bool is_shown)
    : world_(world), counts_(counts), is_shown_(is_shown), last_(count()) {}

void display::show() {
  if (!is_shown_ || clock::now() < next_) {
    return;
  }
  next_ += std::chrono::seconds(1);
  const auto now = count();
  const double seconds = std::chrono::duration<double>(now.at - last_.at).count();
  const auto before = last_.bots.all();
  const auto after = now.bots.all();
  const auto taken = between(last_.bots.taken, now.bots.taken);
  std::ostringstream line;
  if (lines_++ % lines_between_heads == 0) {
    write_head(line);
  }
  line << std::setw(time_width)
       << std::llround(std::chrono::duration<double>(now.at - started_).count());
  for (const auto count :
       {rate(before.sent, after.sent, seconds), rate(before.accepted, after.accepted, seconds),
        rate(before.conflicts, after.conflicts, seconds),
        rate(before.rejected, after.rejected, seconds),
        rate(last_.world.batches, now.world.batches, seconds), now.world.resident}) {
    line << std::setw(rate_width) << grouped(count);
  }
  for (const double share : {0.5, 0.95, 0.99}) {
    line << std::setw(latency_width) << milliseconds(percentile(taken, share));
  }
  std::cerr << line.str() << std::endl;
  last_ = now;
}

display::counted display::count() const { return {clock::now(), counts_.now(), world_.counts()}; }

} // namespace arena
