// Invariant 9: whatever is done to the bytes of a RocksDB journal, it is refused with a place, or
// the cut is reported, or it was harmless. It never gives back anything but what was written.
//
// A crash is played by copying the directory of an open journal: the copy holds what the operating
// system had. CAIRN_TEST_LONG=1 tries every byte; the short form a seeded sample.

#include <cairn/detail/journal.hpp>

#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testing::batch_builder;
using testing::changes_of;
using testing::kept_record;
using testing::snapshots_of;
using testing::state;
using testing::temporary_directory;

// Exit status of a process that judged; the outcome is added.
constexpr int judged_status = 100;

bool long_form() { return std::getenv("CAIRN_TEST_LONG") != nullptr; }

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

rocksdb_options small_checkpoints() {
  rocksdb_options options;
  options.checkpoint_changes = 40;
  return options;
}

/// What was written.
struct content {
  std::vector<kept_record> changes;
  std::vector<state> snapshots;
};

/// The same, and where it is on disk.
struct specimen : content {
  temporary_directory directory;
};

/// How a damaged copy behaved.
enum class finding { refused, reported, harmless, wrong };

struct verdict {
  finding what = finding::wrong;
  status failure;
  position_type end = 0;
};

/// Compares all that a journal gives back with what was written.
verdict compare(const journal& opened, const content& written) {
  verdict result;
  result.end = opened.end().next;
  const auto found = changes_of(opened, result.failure);
  if (!result.failure.ok()) return result.what = finding::refused, result;
  if (found.size() > written.changes.size() ||
      !std::equal(found.begin(), found.end(), written.changes.begin()))
    return result;
  std::map<std::string, kept_record> last;
  for (const auto& next : found) last[next.entity] = next;
  for (const auto& next : written.changes) {
    head at;
    result.failure = opened.find_head(next.entity, at);
    if (!result.failure.ok()) return result.what = finding::refused, result;
    const auto expected = last.find(next.entity);
    const version_type version = expected == last.end() ? 0 : expected->second.version;
    if (at.version != version || (version != 0 && at.position != expected->second.position))
      return result;
  }
  for (const auto& [entity, change] : last) {
    version_type read = 0;
    result.failure = opened.read(entity, 1, version_max,
                                 [&](const record& next) { return next.version == ++read; });
    if (!result.failure.ok()) return result.what = finding::refused, result;
    if (read != change.version) return result;
  }
  // A snapshot may be missing, never different.
  const auto snapshots = snapshots_of(opened, result.failure);
  if (!result.failure.ok()) return result.what = finding::refused, result;
  for (const auto& next : snapshots)
    if (std::find(written.snapshots.begin(), written.snapshots.end(), next) ==
        written.snapshots.end())
      return result;
  if (found.size() == written.changes.size()) return result.what = finding::harmless, result;
  return result.what = opened.notices().empty() ? finding::wrong : finding::reported, result;
}

verdict judge(const fs::path& directory, const content& written) {
  verdict result;
  std::unique_ptr<journal> opened;
  try {
    opened = rocksdb(directory, small_checkpoints())();
  } catch (const startup_error& error) {
    result.what = error.message().find(directory.string()) != std::string::npos ? finding::refused
                                                                                : finding::wrong;
    result.failure = {error.code(), error.message()};
    return result;
  }
  return compare(*opened, written);
}

/// Judges in a process of its own. RocksDB takes the block of a table's properties apart before it looks at its
/// checksum; where it is built with assertions, as Debian's is, some bits in it stop the process. That is no
/// wrong content, but would end this test too.
verdict judge_apart(const fs::path& directory, const specimen& written) {
  const auto self = fs::read_symlink("/proc/self/exe").string();
  const auto child = ::fork();
  if (child == 0) {
    ::setenv("CAIRN_JUDGED", directory.c_str(), 1);
    ::setenv("CAIRN_JUDGED_SOURCE", written.directory.path().c_str(), 1);
    (void)!std::freopen("/dev/null", "w", stdout);
    (void)!std::freopen("/dev/null", "w", stderr);
    ::execl(self.c_str(), self.c_str(), nullptr);
    ::_exit(1);
  }
  int ended = 0;
  ::waitpid(child, &ended, 0);
  verdict result;
  if (WIFSIGNALED(ended) && WTERMSIG(ended) == SIGABRT) result.what = finding::refused;
  if (WIFEXITED(ended) && WEXITSTATUS(ended) >= judged_status) {
    result.what = static_cast<finding>(WEXITSTATUS(ended) - judged_status);
  }
  return result;
}

/// The other end of `judge_apart`.
[[noreturn]] void judge_one_directory() {
  rocksdb_options reading;
  reading.read_only = true;
  content written;
  {
    const auto source = rocksdb(std::getenv("CAIRN_JUDGED_SOURCE"), reading)();
    written.changes = changes_of(*source);
    written.snapshots = snapshots_of(*source);
  }
  const auto result = judge(std::getenv("CAIRN_JUDGED"), written);
  ::_exit(judged_status + static_cast<int>(result.what));
}

class RocksdbDamage : public ::testing::Test {
protected:
  void append(journal& to, std::size_t changes) {
    for (std::size_t i = 0; i < changes; ++i) {
      const auto entity = "wallet/" + std::to_string(random_() % 25);
      const auto version = ++versions_[entity];
      next_.add(entity, version,
                std::string(random_() % 120, static_cast<char>('a' + version % 26)));
      if (version % 5 == 0) next_.snapshot(entity, version, "state " + std::to_string(version));
    }
    ASSERT_EQ(next_.append_to(to).what, append_result::kind::committed);
  }

  /// A journal with tables from an earlier closing and, unless `closed`, a log from a crash.
  std::unique_ptr<specimen> make(bool closed) {
    auto made = std::make_unique<specimen>();
    temporary_directory work;
    auto opened = rocksdb(work.path(), small_checkpoints())();
    for (int batch = 0; batch < 8; ++batch) append(*opened, 20);
    EXPECT_TRUE(opened->close().ok());
    opened = rocksdb(work.path(), small_checkpoints())();
    for (int batch = 0; batch < 6; ++batch) append(*opened, 12);
    made->changes = changes_of(*opened);
    made->snapshots = snapshots_of(*opened);
    if (closed) {
      EXPECT_TRUE(opened->close().ok());
    }
    fs::copy(work.path(), made->directory.path(), fs::copy_options::recursive);
    return made;
  }

  /// A copy to damage, in place of the one before.
  fs::path fresh_copy(const specimen& source) {
    const auto path = scratch_.path() / "data";
    fs::remove_all(path);
    fs::copy(source.directory.path(), path, fs::copy_options::recursive);
    return path;
  }

  static std::vector<fs::path> files_of(const specimen& source) {
    std::vector<fs::path> found;
    for (const auto& next : fs::recursive_directory_iterator(source.directory.path())) {
      const auto name = next.path().filename().string();
      if (!next.is_regular_file() || name.starts_with("LOG") || name == "LOCK" || name == "lock")
        continue;
      found.push_back(fs::relative(next.path(), source.directory.path()));
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  static fs::path log_of(const specimen& source) {
    fs::path found;
    for (const auto& next : files_of(source))
      if (next.extension() == ".log" && fs::file_size(source.directory.path() / next) > 0)
        found = next;
    return found;
  }

  void flip_everywhere(const specimen& source, std::size_t flips_in_each_file) {
    std::map<finding, int> outcomes;
    for (const auto& name : files_of(source)) {
      const auto bytes = read_file(source.directory.path() / name);
      const bool all = long_form() && bytes.size() <= 8192;
      const auto flips =
          all ? bytes.size() : std::min(bytes.size(), flips_in_each_file * (long_form() ? 10 : 1));
      for (std::size_t i = 0; i < flips; ++i) {
        const auto at = all ? i : random_() % bytes.size();
        const auto bit = random_() % 8;
        auto damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        const auto copy = fresh_copy(source);
        write_file(copy / name, damaged);
        const auto result =
            name.extension() == ".sst" ? judge_apart(copy, source) : judge(copy, source);
        ++outcomes[result.what];
        // The witness is at the very end: nothing may be cut.
        EXPECT_TRUE(result.what == finding::refused || result.what == finding::harmless)
            << name << " byte " << at << " bit " << bit << ": " << static_cast<int>(result.what)
            << ", ends at " << result.end << " of " << source.changes.size() << ' '
            << result.failure.message;
      }
    }
    EXPECT_GT(outcomes[finding::refused], 0);
  }

  temporary_directory scratch_;
  batch_builder next_;
  std::mt19937 random_{20'240'607};
  std::map<std::string, version_type> versions_;
};

TEST_F(RocksdbDamage, UndamagedCopiesAreHarmless) {
  for (const bool closed : {false, true}) {
    versions_.clear();
    const auto source = make(closed);
    const auto result = judge(fresh_copy(*source), *source);
    EXPECT_EQ(result.what, finding::harmless) << result.failure.message;
  }
}

TEST_F(RocksdbDamage, FlippedBitsAfterACrashNeverGiveOtherContent) {
  flip_everywhere(*make(false), 14);
}

TEST_F(RocksdbDamage, FlippedBitsAfterAClosingNeverGiveOtherContent) {
  flip_everywhere(*make(true), 14);
}

class RocksdbTornLog : public RocksdbDamage {
protected:
  RocksdbTornLog() {
    temporary_directory work;
    auto opened = rocksdb(work.path(), small_checkpoints())();
    append(*opened, 15);
    fs::copy(work.path(), source_.directory.path(), fs::copy_options::recursive);
    log_ = log_of(source_);
    before_ = fs::file_size(source_.directory.path() / log_);
    before_end_ = opened->end().next;
    old_witness_ = read_file(source_.directory.path() / "witness");
    append(*opened, 3);
    fs::copy(work.path(), source_.directory.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    source_.changes = changes_of(*opened);
    source_.snapshots = snapshots_of(*opened);
    after_ = fs::file_size(source_.directory.path() / log_);
  }

  /// The copy with its log cut off at `size`.
  fs::path torn_at(std::uintmax_t size) {
    auto copy = fresh_copy(source_);
    fs::resize_file(copy / log_, size);
    return copy;
  }

  std::uintmax_t step() const { return long_form() ? 1 : 5; }

  specimen source_;
  fs::path log_;
  std::uintmax_t before_ = 0; // size of the log without the last batch
  std::uintmax_t after_ = 0;
  position_type before_end_ = 0;
  std::string old_witness_;
};

TEST_F(RocksdbTornLog, UnfinishedLastBatchIsCutAndReported) {
  ASSERT_LT(before_, after_);
  for (auto size = before_ + 1; size < after_; size += step()) {
    const auto copy = torn_at(size);
    write_file(copy / "witness", old_witness_);
    const auto result = judge(copy, source_);
    ASSERT_EQ(result.what, finding::reported) << size << ' ' << result.failure.message;
    EXPECT_EQ(result.end, before_end_);
    // Said once: after that the journal is whole.
    EXPECT_TRUE(rocksdb(copy, small_checkpoints())()->notices().empty());
  }
  const auto whole = judge(torn_at(after_), source_);
  EXPECT_EQ(whole.what, finding::harmless);
}

TEST_F(RocksdbTornLog, EndBeforeTheWitnessIsDamageWithBothPositions) {
  for (auto size = std::uintmax_t{0}; size < after_;
       size += size < before_ ? 40 * step() : step()) {
    const auto result = judge(torn_at(size), source_);
    ASSERT_EQ(result.what, finding::refused) << size;
    EXPECT_EQ(result.failure.error, journal_errc::damaged) << result.failure.message;
    if (size < before_) continue;
    for (const auto position : {before_end_, position_type{source_.changes.size()}})
      EXPECT_NE(result.failure.message.find("position " + std::to_string(position)),
                std::string::npos)
          << result.failure.message;
  }
}

TEST_F(RocksdbTornLog, WithoutItsWitnessTheJournalOpensAndSaysSo) {
  const auto copy = torn_at(before_);
  fs::remove(copy / "witness");
  const auto opened = rocksdb(copy)();
  ASSERT_EQ(opened->notices().size(), 1U);
  EXPECT_NE(opened->notices()[0].find("witness"), std::string::npos);
  EXPECT_EQ(opened->end().next, before_end_);
  EXPECT_TRUE(fs::exists(copy / "witness"));
}

TEST_F(RocksdbTornLog, DamagedWitnessIsRefused) {
  const auto whole = read_file(source_.directory.path() / "witness");
  std::vector<std::string> images{"", whole.substr(0, 10), whole + "x"};
  for (std::size_t at = 0; at < whole.size(); ++at) {
    images.push_back(whole);
    images.back()[at] = static_cast<char>(images.back()[at] ^ (1 << (at % 8)));
  }
  for (const auto& image : images) {
    const auto copy = fresh_copy(source_);
    write_file(copy / "witness", image);
    const auto result = judge(copy, source_);
    EXPECT_EQ(result.what, finding::refused);
    EXPECT_NE(result.failure.message.find("witness"), std::string::npos) << result.failure.message;
  }
}

TEST_F(RocksdbDamage, MissingFilesAreRefused) {
  for (const bool closed : {false, true}) {
    versions_.clear();
    const auto source = make(closed);
    for (const auto& name : files_of(*source)) {
      const auto file = name.filename().string();
      if (file.starts_with("OPTIONS") || file == "IDENTITY" || file == "witness") continue;
      if (fs::file_size(source->directory.path() / name) == 0)
        continue; // the empty log of a closed journal
      const auto copy = fresh_copy(*source);
      fs::remove(copy / name);
      const auto result = judge(copy, *source);
      EXPECT_EQ(result.what, finding::refused) << name;
      EXPECT_EQ(result.failure.error, journal_errc::damaged)
          << name << ' ' << result.failure.message;
    }
    const auto copy = fresh_copy(*source);
    fs::remove_all(copy / "store");
    const auto result = judge(copy, *source);
    EXPECT_EQ(result.failure.error, journal_errc::damaged) << result.failure.message;
    EXPECT_NE(result.failure.message.find(std::to_string(source->changes.size())),
              std::string::npos);
  }
}

// RocksDB keeps its own record of what is in its tables; its last entries can be lost without a
// checksum noticing. The checkpoint's position lies beside the heads so that it goes with them.
TEST_F(RocksdbDamage, ManifestCutAnywhereNeverGivesOtherContent) {
  const auto source = make(true);
  fs::path manifest;
  for (const auto& name : files_of(*source))
    if (name.filename().string().starts_with("MANIFEST")) manifest = name;
  const auto size = fs::file_size(source->directory.path() / manifest);
  for (std::uintmax_t cut = 0; cut < size; cut += long_form() ? 1 : 13) {
    const auto copy = fresh_copy(*source);
    fs::resize_file(copy / manifest, cut);
    const auto result = judge(copy, *source);
    EXPECT_TRUE(result.what == finding::refused || result.what == finding::harmless)
        << cut << " of " << size << ": " << result.failure.message;
  }
}

} // namespace
} // namespace cairn

/// The test program is its own child, see `judge_apart`.
int main(int argc, char** argv) {
  if (std::getenv("CAIRN_JUDGED") != nullptr) cairn::judge_one_directory();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
