#include "compare/plan/session.hpp"

#include <algorithm>
#include <cmath>

namespace cairn::compare {

void book::add(const book& other) noexcept {
  accepted += other.accepted;
  conflicts += other.conflicts;
  retries += other.retries;
  given_up += other.given_up;
  requests += other.requests;
  useful += other.useful;
  retries_max = std::max(retries_max, other.retries_max);
}

session::session(const rules& shared, std::uint64_t client)
    : shared_(&shared), random_(shared.load->seed * 0x9E3779B97F4A7C15U + client) {
  random_ = random_source(random_()); // neighbouring seeds give unlike sequences
}

void session::want(std::int64_t due) {
  const auto& load = *shared_->load;
  due_ = due;
  retries_ = 0;
  attempt_requests_ = 0;
  reads_ = load.read_share > 0 && uniform(random_) < load.read_share;
  entity_ = (*shared_->choice)(random_);
  wanted_.chance = random_();
  wanted_.part = load.parts > 1 ? static_cast<std::uint32_t>(random_.below(load.parts)) : 0;
  wanted_.state_bytes = load.state_bytes;
  wanted_.event_bytes = load.event_bytes;
}

template <class Change>
void session::count(bool measured, Change change) {
  change(all_);
  if (measured) change(measured_);
}

step session::advance(moment now, std::int64_t at, latency_histogram* measured) {
  const bool counts = measured != nullptr;
  if (reads_) return now == moment::wanted ? read_entity : finish;
  if (now == moment::conflict) {
    attempt_requests_ = 0;
    ++retries_;
    count(counts, [&](book& to) {
      ++to.conflicts;
      to.retries_max = std::max(to.retries_max, retries_);
    });
    if (retries_ >= shared_->attempts_max) {
      count(counts, [](book& to) { ++to.given_up; });
      return finish;
    }
    count(counts, [](book& to) { ++to.retries; });
  } else if (now == moment::accepted) {
    count(counts, [&](book& to) {
      ++to.accepted;
      to.useful += attempt_requests_;
    });
    if (counts) measured->add(static_cast<std::uint64_t>(std::max<std::int64_t>(at - due_, 0)));
  }
  // What was asked in vain is not useful, also where it is no conflict.
  if (now == moment::busy) attempt_requests_ = 0;
  const step next = shared_->strategy->next(now);
  const bool asks = next.what != step::kind::think && next.what != step::kind::wait &&
                    next.what != step::kind::finish;
  if (asks) {
    ++attempt_requests_;
    const bool gives_back = next.what == step::kind::release; // after the command was accepted
    count(counts, [&](book& to) {
      ++to.requests;
      if (gives_back) ++to.useful;
    });
  }
  return next;
}

std::int64_t session::think_ns(bool constant) {
  const double mean_ns = shared_->load->think_ms * 1e6;
  if (mean_ns <= 0) return 0;
  return std::llround(constant ? mean_ns : exponential(random_, mean_ns));
}

std::int64_t session::wait_ns() {
  constexpr double least_ns = 100'000; // what a holder without think time needs on a usual disk
  return std::llround(exponential(random_, shared_->load->think_ms * 1e6 + least_ns));
}

figures make_figures(const std::vector<const session*>& clients, const latency_histogram& latencies,
                     double seconds, double cpu_s, std::uint64_t batches, std::uint64_t syncs) {
  book sum;
  std::uint64_t slowest = ~std::uint64_t{0};
  for (const auto* client : clients) {
    sum.add(client->measured());
    slowest = std::min(slowest, client->measured().accepted);
  }
  const auto ratio = [](auto part, auto whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  figures made;
  made.accepted = sum.accepted;
  made.accepted_per_s = static_cast<double>(sum.accepted) / seconds;
  // A request that is begun before the measured time ends in it, and the other way round.
  made.useful_share = std::min(1.0, ratio(sum.useful, sum.requests));
  made.cpu_us_per_accept = ratio(cpu_s * 1e6, sum.accepted);
  made.conflicts_per_accept = ratio(sum.conflicts, sum.accepted);
  made.retries_per_accept = ratio(sum.retries, sum.accepted);
  made.given_up = sum.given_up;
  made.retries_max = sum.retries_max;
  made.slowest_share = clients.empty() ? 0 : ratio(slowest * clients.size(), sum.accepted);
  made.p50_us = latencies.percentile_us(0.5);
  made.p95_us = latencies.percentile_us(0.95);
  made.p99_us = latencies.percentile_us(0.99);
  made.p999_us = latencies.percentile_us(0.999);
  made.batches_per_s = static_cast<double>(batches) / seconds;
  made.syncs_per_s = static_cast<double>(syncs) / seconds;
  return made;
}

} // namespace cairn::compare
