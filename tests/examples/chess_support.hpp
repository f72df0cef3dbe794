#pragma once

#include "tests/examples/program.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// The chess example as a process: plays, is killed, and is asked what it knows.
namespace cairn::testing {

using arguments = std::vector<std::string>;

/// `chess … --data directory --json`
arguments chess_command(const arguments& what, const std::filesystem::path& directory);

/// Plays to the end and gives the figures; a failed expectation when the status is not `status`.
boost::json::object play(const arguments& what, const std::filesystem::path& directory,
                         int status = 0);

/// Text of `chess replay --json`, after `chess replay --verify` and `chess journal verify` have
/// passed.
std::string verified_state(const std::filesystem::path& directory);

/// Starts `chess` and kills it `kills` times, each at a random moment, then plays to the end.
/// `closed_bytes` is the size of what a whole run writes.
boost::json::object play_with_kills(const arguments& what, const std::filesystem::path& directory,
                                    int kills, std::uint64_t closed_bytes, std::uint64_t seed);

/// CAIRN_TEST_SEED or a new one; printed, so that a failing run can be had again.
std::uint64_t test_seed();

} // namespace cairn::testing
