#pragma once

#include <cstdint>
#include <string>

constexpr std::int64_t living_coins = 1'000;
constexpr int living_posts = 20;
constexpr int living_timers = 20;

/// Has one till post coins to others and to one that refuses them, and a bell set timers, all with command ids, so that
/// a run that goes on does nothing twice; then waits until all that this leads to is done. Kills itself when it passes
/// crash point `point` for the `times`-th time; `times` 0: never.
int run_living(const std::string& directory, unsigned point, unsigned times);
