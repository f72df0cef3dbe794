// Journals driven by plain threads, for ThreadSanitizer: one writes, all others read everything
// that may be read meanwhile. RocksDB itself is not instrumented: what it does inside is left out,
// what we do is not.

#include <cairn/detail/journal.hpp>

#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

// ThreadSanitizer asks for this by name. RocksDB's atomics are unseen, so its copying of memory
// between threads looks like a race.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:librocksdb\n"
         "race:librocksdb\n";
}

namespace cairn {
namespace {

using testing::batch_builder;
using testing::temporary_directory;

constexpr std::size_t entities = 50;

struct store_kind {
  std::string name;
  std::function<journal_source(const std::filesystem::path&)> source;
};

class JournalThreads : public ::testing::TestWithParam<store_kind> {
protected:
  static std::string entity(std::size_t number) {
    return "wallet/" + std::to_string(number % entities);
  }

  void check(const status& result) {
    if (!result.ok()) ++failures_;
  }

  void read_heads(std::size_t from) {
    for (std::size_t number = from; writing_; number += 7) {
      head found;
      check(journal_->find_head(entity(number), found));
      version_type seen = 0;
      check(journal_->read(entity(number), 1, found.version,
                           [&](const record& next) { return next.version == ++seen; }));
      if (seen != found.version) ++failures_;
      std::optional<stored_snapshot> kept;
      check(journal_->find_snapshot(entity(number), found.version, kept));
      if (kept && kept->body != "state " + std::to_string(kept->version)) ++failures_;
    }
  }

  void read_all() {
    while (writing_) {
      const auto end = journal_->end();
      position_type seen = 0;
      check(journal_->scan(0, [&](const record& next) { return next.position == seen++; }));
      if (seen < end.next) ++failures_;
      std::vector<listed_head> listed;
      check(journal_->heads("wallet", {}, 1000, true, listed));
      if (listed.size() > entities) ++failures_;
      check(journal_->scan_snapshots([](const snapshot&) { return true; }));
    }
  }

  void write(int batches) {
    batch_builder next;
    std::vector<version_type> versions(entities);
    std::size_t number = 0;
    for (int batch = 0; batch < batches; ++batch) {
      for (int i = 0; i < 9; ++i) {
        const auto which = (number += 17) % entities;
        const auto version = ++versions[which];
        next.add(entity(which), version, "body " + std::to_string(version));
        if (version % 5 == 0)
          next.snapshot(entity(which), version, "state " + std::to_string(version));
      }
      if (next.append_to(*journal_).what != append_result::kind::committed) ++failures_;
      if (batch % 20 == 19) check(journal_->sync());
      if (batch % 50 == 49) check(journal_->checkpoint());
    }
    writing_ = false;
  }

  temporary_directory directory_;
  std::unique_ptr<journal> journal_ = GetParam().source(directory_.path())();
  std::atomic<bool> writing_ = true;
  std::atomic<int> failures_ = 0;
};

TEST_P(JournalThreads, ReadersBesideTheWriterSeeWhatIsCommitted) {
  std::thread first([&] { read_heads(0); });
  std::thread second([&] { read_heads(3); });
  std::thread third([&] { read_all(); });
  write(std::getenv("CAIRN_TEST_LONG") != nullptr ? 3000 : 200);
  first.join();
  second.join();
  third.join();
  EXPECT_EQ(failures_, 0);
  EXPECT_TRUE(journal_->close().ok());
}

std::vector<store_kind> stores() {
  const auto on_rocksdb = [](durability how) {
    return [how](const std::filesystem::path& directory) {
      rocksdb_options options;
      options.durability = how;
      options.checkpoint_changes = 40;
      return rocksdb(directory, options);
    };
  };
  return {{"memory", [](const std::filesystem::path&) { return memory(); }},
          {"rocksdb", on_rocksdb(durability::durable)},
          {"rocksdb_relaxed", on_rocksdb(durability::relaxed)}};
}

INSTANTIATE_TEST_SUITE_P(Stores, JournalThreads, ::testing::ValuesIn(stores()),
                         [](const auto& one) { return one.param.name; });

} // namespace
} // namespace cairn
