// Changes a second through `journal::append` alone, durable per batch, beside raw RocksDB with the
// same bytes in the same chunks and none of the checks: the ceiling on the same machine in the same
// run.
//
//   bench_journal_append [DIR [CHANGES]]     DIR: where a directory can be made for the run

#include <cairn/journal.hpp>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>

namespace {

constexpr std::size_t entities = 10'000;
constexpr std::size_t body_bytes = 150;
constexpr std::size_t chunk_bytes = 16 * 1024;

using clock_type = std::chrono::steady_clock;

/// What this thread has computed, in seconds: says more than the wall clock where others use the
/// machine too.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct timing {
  double wall = 0;
  double computed = 0;
};

class stopwatch {
public:
  explicit stopwatch(timing& total) : total_(total) {}
  ~stopwatch() {
    total_.wall += std::chrono::duration<double>(clock_type::now() - start_).count();
    total_.computed += thread_seconds() - computed_;
  }
  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

private:
  timing& total_;
  clock_type::time_point start_ = clock_type::now();
  double computed_ = thread_seconds();
};

void fail(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}

/// Text that compresses about as well as small JSON events do.
std::string make_body(std::mt19937_64& random) {
  std::string body = R"({"events":[{"n":"spent","v":1,"d":{"amount":)" +
                     std::to_string(random() % 100'000) + R"(}}],"cause":{"c":"spend","id":")";
  while (body.size() < body_bytes) body += "0123456789abcdef"[random() % 16];
  return body;
}

struct workload {
  explicit workload(std::size_t batch_changes) : batch(batch_changes) {
    std::mt19937_64 engine(1);
    for (std::size_t i = 0; i < entities; ++i)
      names.push_back("wallet/player-" + std::to_string(engine() % 1'000'000'000));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::shuffle(names.begin(), names.end(), engine);
    for (int i = 0; i < 4096; ++i) bodies.push_back(make_body(engine));
    versions.resize(names.size());
  }

  void fill(cairn::append_batch& next) {
    next.records.clear();
    for (std::size_t i = 0; i < batch; ++i) {
      const auto entity = random() % names.size();
      cairn::record change;
      change.entity = names[entity];
      change.version = ++versions[entity];
      change.time_us = ++time_us;
      change.body = bodies[random() % bodies.size()];
      next.records.push_back(change);
    }
  }

  std::size_t batch;
  std::vector<std::string> names;
  std::vector<std::string> bodies;
  std::vector<cairn::version_type> versions;
  std::mt19937_64 random{2};
  std::int64_t time_us = 1'700'000'000'000'000;
};

/// The time in `append`, without what it takes to make up the batches.
timing run_journal(const std::filesystem::path& directory, workload& load, std::size_t changes) {
  std::filesystem::remove_all(directory);
  const auto store = cairn::rocksdb(directory)();
  cairn::append_batch batch;
  timing total;
  for (std::size_t done = 0; done < changes; done += load.batch) {
    load.fill(batch);
    const stopwatch watch(total);
    store->append(batch, [](const cairn::append_result& result) {
      if (result.what != cairn::append_result::kind::committed)
        fail("not committed: " + result.failure.message);
    });
  }
  if (const auto closed = store->close(); !closed.ok()) fail(closed.message);
  return total;
}

timing run_raw(const std::filesystem::path& directory, workload& load, std::size_t changes) {
  std::filesystem::remove_all(directory);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, directory, &opened).ok()) fail("cannot open");
  const std::unique_ptr<rocksdb::DB> store(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::WriteBatch writes;
  cairn::append_batch batch;
  std::string chunk;
  std::uint64_t position = 0;
  timing total;
  for (std::size_t done = 0; done < changes; done += load.batch) {
    load.fill(batch);
    const stopwatch watch(total);
    writes.Clear();
    const auto put = [&] {
      std::string key(8, '\0');
      for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(position >> (56 - 8 * i));
      (void)writes.Put(key, chunk);
      chunk.clear();
    };
    for (const auto& next : batch.records) {
      chunk.append("header").append(next.entity).append(next.body);
      ++position;
      if (chunk.size() + 200 > chunk_bytes) put();
    }
    if (!chunk.empty()) put();
    if (!store->Write(synced, &writes).ok()) fail("cannot write");
  }
  return total;
}

} // namespace

int main(int argc, char** argv) {
  const std::filesystem::path base = argc > 1 ? argv[1] : std::filesystem::temp_directory_path();
  const std::size_t changes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  std::string made = (base / "cairn-bench-XXXXXX").string();
  if (argc > 3 || (argc > 1 && argv[1][0] == '-') || ::mkdtemp(made.data()) == nullptr) {
    std::fprintf(stderr,
                 "usage: %s [DIR [CHANGES]]; DIR is where a directory can be made for the run\n",
                 argv[0]);
    return 2;
  }
  const std::filesystem::path own = made;
  const auto directory = own / "journal";
  std::printf("%zu entities, %zu byte bodies, a sync per batch\n", entities, body_bytes);
  std::printf("%8s %14s %14s %8s %12s %12s\n", "batch", "journal 1/s", "raw 1/s", "ratio",
              "journal ns", "raw ns");
  for (const std::size_t size : {64, 1000, 4096}) {
    const auto wanted = changes != 0 ? changes : size * (size == 64 ? 4000 : 1000);
    const auto number = static_cast<double>(wanted);
    workload ours(size);
    const auto journal = run_journal(directory, ours, wanted);
    workload theirs(size);
    const auto raw = run_raw(directory, theirs, wanted);
    std::printf("%8zu %14.0f %14.0f %8.2f %12.0f %12.0f\n", size, number / journal.wall,
                number / raw.wall, raw.wall / journal.wall, journal.computed / number * 1e9,
                raw.computed / number * 1e9);
  }
  std::puts("ns: processor time of the appending thread for each change");
  std::filesystem::remove_all(own);
}
