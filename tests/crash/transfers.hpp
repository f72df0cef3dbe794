#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <string>

/// A purse from which value only moves: what all hold together never changes.
struct purse {
  std::int64_t gold = 0;

  struct earn {
    std::int64_t n = 0;
  };
  struct spend {
    std::int64_t n = 0;
  };
  struct moved {
    std::int64_t n = 0;
  };

  cairn::decision<moved> decide(const earn& command) const { return moved{command.n}; }
  cairn::decision<moved> decide(const spend& command) const {
    if (command.n > gold) {
      return cairn::reject("not enough gold");
    }
    return moved{-command.n};
  }
  void apply(const moved& event) { gold += event.n; }

  using entity = cairn::entity<"purse", cairn::commands<earn, spend>, cairn::snapshot_changes<40>>;
};

constexpr int purses = 100;
constexpr std::int64_t gold_each = 1'000;
constexpr std::int64_t gold_in_all = purses * gold_each;

/// Runs until it is killed: eight clients move gold between the purses by transactions, some of them stale,
/// while a reader reads all purses at once. Writes the position of each accepted transaction to `output`; exits
/// by itself when a reader sees another sum.
int run_transfers(const std::string& directory, std::uint64_t seed, int output);
