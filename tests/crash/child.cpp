#include "tests/crash/child.hpp"

#include <cairn/cairn.hpp>

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <semaphore>

namespace {

constexpr std::uint64_t in_flight_each = 8;

/// One account's depositor: as many deposits in flight as allowed, in order, over and over.
class depositor {
public:
  depositor(cairn::world& world, std::uint32_t account, std::uint64_t first, int output)
      : entity_(world.entity<::account>(std::to_string(account))),
        account_(account),
        next_(first),
        output_(output) {}

  void start() {
    for (std::uint64_t i = 0; i < in_flight_each; ++i) {
      send();
    }
  }

private:
  void send() {
    const std::lock_guard lock(order_); // numbers leave in order
    const std::uint64_t number = next_++;
    entity_.post(
        account::deposit{number},
        [this, number](const cairn::unchecked_outcome<>& outcome) { answered(number, outcome); },
        {"deposit-" + std::to_string(number), {}});
  }

  void answered(std::uint64_t number, const cairn::unchecked_outcome<>& outcome) {
    const auto* accepted = outcome.accepted();
    if (accepted == nullptr) {
      std::fprintf(stderr, "deposit %llu was refused\n", static_cast<unsigned long long>(number));
      ::_exit(3);
    }
    const acknowledgement said{account_, accepted->duplicate ? 1U : 0U, number, accepted->version,
                               accepted->position.value_or(cairn::no_position)};
    if (::write(output_, &said, sizeof said) !=
        sizeof said) { // a pipe takes so little at once or not at all
      ::_exit(4);
    }
    send();
  }

  cairn::entity_ref<account> entity_;
  std::uint32_t account_;
  std::mutex order_;
  std::uint64_t next_;
  int output_;
};

} // namespace

int run_crash_child(const std::string& directory, const std::vector<std::uint64_t>& first_numbers,
                    int output) {
  cairn::rocksdb_options journal;
  journal.checkpoint_changes = 2'000; // so that kills meet checkpoints too
  cairn::world_options options;
  options.journal = cairn::rocksdb(directory, journal);
  options.limits.idle_time = std::chrono::milliseconds(20);
  cairn::world world(std::move(options));
  world.host<account>();
  std::vector<std::unique_ptr<depositor>> depositors;
  for (std::uint32_t i = 0; i < first_numbers.size(); ++i) {
    depositors.push_back(std::make_unique<depositor>(world, i, first_numbers[i], output));
    depositors.back()->start();
  }
  std::binary_semaphore forever(0);
  forever.acquire();
  return 0;
}
