#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// An account that knows which deposits it took, so that a deposit that is lost or taken twice shows.
struct account {
  std::int64_t sum = 0;
  std::vector<std::uint64_t> deposits;

  struct deposit {
    std::uint64_t number = 0;
  };
  struct deposited {
    std::uint64_t number = 0;
  };

  cairn::decision<deposited> decide(const deposit& command) const {
    return deposited{command.number};
  }
  void apply(const deposited& event) {
    sum += static_cast<std::int64_t>(event.number);
    deposits.push_back(event.number);
  }

  using entity = cairn::entity<"account", cairn::commands<deposit>, cairn::ids_remembered<256>,
                               cairn::snapshot_changes<50>>;
};

constexpr std::size_t crash_accounts = 16;

/// What the child says of each accepted command, before it sends the account's next one.
struct acknowledgement {
  std::uint32_t account = 0;
  std::uint32_t duplicate = 0;
  std::uint64_t number = 0;
  std::uint64_t version = 0;
  std::uint64_t position = 0;
};

/// Runs until it is killed: deposits 1, 2, 3, … into each account, several in flight, each with a command id,
/// from the first number on that may not have been taken. Writes acknowledgements to `output`.
int run_crash_child(const std::string& directory, const std::vector<std::uint64_t>& first_numbers,
                    int output);
