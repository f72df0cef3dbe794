// What readers are told beside and after the end of a journal.

#include "tests/persistence/store/journal_contract.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace cairn::testing {
namespace {

struct named_reader {
  const char* name;
  std::function<status(const journal&)> read;
};

const named_reader every_reader[] = {
    {"find_head",
     [](const journal& from) {
       head found;
       return from.find_head("a/1", found);
     }},
    {"read",
     [](const journal& from) {
       return from.read("a/1", 1, 100, [](const record&) { return true; });
     }},
    {"scan", [](const journal& from) { return from.scan(0, [](const record&) { return true; }); }},
    {"heads",
     [](const journal& from) {
       std::vector<listed_head> found;
       return from.heads("a", "", 10, false, found);
     }},
    {"find_snapshot",
     [](const journal& from) {
       std::optional<stored_snapshot> found;
       return from.find_snapshot("a/1", 100, found);
     }},
    {"scan_snapshots",
     [](const journal& from) { return from.scan_snapshots([](const snapshot&) { return true; }); }},
    {"agenda",
     [](const journal& from) {
       return from.agenda("", "~", [](std::string_view) { return true; });
     }},
};

TEST_P(JournalContract, EveryReaderIsToldThatItIsClosed) {
  next_.add("a/1", 1);
  commit();
  const auto last = store().end();
  ASSERT_TRUE(store().close().ok());
  for (const auto& [name, read] : every_reader) {
    EXPECT_EQ(read(store()).error, runtime_errc::shutting_down) << name;
  }
  EXPECT_EQ(store().end().next, last.next);
  EXPECT_TRUE(store().close().ok()); // again has no effect
}

TEST_P(JournalContract, AnAppendIsRefusedOnceItIsClosed) {
  ASSERT_TRUE(store().close().ok());
  next_.add("a/1", 1);
  const auto late = next_.append_to(store());
  EXPECT_EQ(late.what, kind::failed);
  EXPECT_EQ(late.failure.error, runtime_errc::shutting_down);
  EXPECT_EQ(late.fate, fate::not_written);
}

TEST_P(JournalContract, WhoReadsWhileItClosesLeavesAndIsTold) {
  for (version_type version = 1; version <= 10; ++version) {
    next_.add("a/1", version);
  }
  commit();
  std::atomic<bool> inside{false};
  std::atomic<bool> refused{false};
  status told;
  std::thread reading([&] {
    told = store().scan(0, [&](const record&) {
      inside = true;
      while (!refused) { // it stays until the store lets nobody in any more
        head at;
        refused = store().find_head("a/1", at).error == runtime_errc::shutting_down;
      }
      return true;
    });
  });
  while (!inside) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(store().close().ok());
  reading.join();
  EXPECT_EQ(told.error, runtime_errc::shutting_down);
}

TEST_P(JournalContract, ClosingIsRefusedToWhoIsReadingIt) {
  next_.add("a/1", 1);
  commit();
  status told;
  EXPECT_TRUE(store()
                  .scan(0,
                        [&](const record&) {
                          told = store().close();
                          return true;
                        })
                  .ok());
  EXPECT_EQ(told.error, runtime_errc::would_block);
  EXPECT_EQ(head_of("a/1").version, 1U); // it is open
}

} // namespace
} // namespace cairn::testing
