#pragma once

#include <cstdint>
#include <functional>

/// The speed of Cairn on a machine, as ratios to ceilings that are measured in the same run.
/// docs/performance.md explains each figure.
namespace cairn::bench {

/// Says how many allocations the process has made so far, so that figures tell of allocations for each request. A
/// program that replaces `operator new` to count them calls this before `run`; without it they are left out.
/// Thread: the main one.
void count_allocations_with(std::uint64_t (*so_far)() noexcept);

/// Runs the command line `cairn bench`: `argv[0]` is its name, the rest its options.
/// Thread: one at a time; `interrupted` is asked every few ten milliseconds and may be empty.
/// After:  the exit status: 0 done, 1 a run failed, 2 called wrongly or nothing could be written, 130 interrupted.
int run(int argc, const char* const* argv, std::function<bool()> interrupted);

} // namespace cairn::bench
