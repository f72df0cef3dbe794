#include "bench/suite/journals.hpp"

#include <cairn/journal.hpp>

#include "bench/suite/counter.hpp"

#include <boost/json/parse.hpp>

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::bench {

namespace {

using clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::size_t entity_count = 10'000;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

void expect(const status& good) {
  if (!good.ok()) throw std::runtime_error(good.message);
}

/// The counter's changes, one entity after the other, round and round.
class change_maker {
public:
  explicit change_maker(journal& to) : to_(to) {
    change made;
    made.cause.command = "add";
    made.events.push_back({"added", 1, R"({"n":1})"});
    encode_change_body(body_, made);
    for (std::size_t i = 0; i < entity_count; ++i) keys_.push_back("counter/" + std::to_string(i));
  }

  /// Appends one batch.
  void append(std::size_t changes) {
    batch_.records.clear();
    for (std::size_t i = 0; i < changes; ++i, ++made_) {
      record next;
      next.entity = keys_[made_ % entity_count];
      next.version = made_ / entity_count + 1;
      next.body = body_;
      batch_.records.push_back(next);
    }
    append_result ended;
    to_.append(batch_, [&ended](append_result result) { ended = std::move(result); });
    expect(ended.failure);
    if (ended.what != append_result::kind::committed)
      throw std::runtime_error("an append was fenced");
  }

private:
  journal& to_;
  std::string body_;
  std::vector<std::string> keys_;
  append_batch batch_;
  std::uint64_t made_ = 0;
};

/// Writes so many changes without waiting for the disk.
std::unique_ptr<journal> write_journal(const fs::path& directory, std::uint64_t changes,
                                       const conditions& how) {
  constexpr std::uint64_t at_once = 1'000;
  auto to = rocksdb(directory, {.durability = durability::relaxed})();
  change_maker makes(*to);
  for (std::uint64_t written = 0; written < changes; written += at_once) {
    if (how.interrupted && how.interrupted()) throw interruption{};
    makes.append(static_cast<std::size_t>(std::min(at_once, changes - written)));
  }
  expect(to->sync());
  return to;
}

/// Each file and its size.
std::map<std::string, std::uintmax_t> list_files(const fs::path& directory) {
  std::map<std::string, std::uintmax_t> found;
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    if (file.is_regular_file()) found[file.path()] = file.file_size();
  }
  return found;
}

double seconds_to_open(const fs::path& directory, std::uint64_t changes) {
  const auto start = clock::now();
  const auto opened = rocksdb(directory)();
  const double taken = seconds_since(start);
  if (opened->end().next != changes) throw std::runtime_error("changes are missing");
  expect(opened->close());
  return taken;
}

} // namespace

void copy_as_killed(const fs::path& directory, const fs::path& killed, const conditions& how) {
  constexpr auto pause = std::chrono::milliseconds(100);
  constexpr int attempts = 600;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (how.interrupted && how.interrupted()) throw interruption{};
    try {
      const auto before = list_files(directory);
      std::this_thread::sleep_for(pause);
      if (list_files(directory) == before) {
        fs::copy(directory, killed, fs::copy_options::recursive);
        if (list_files(directory) == before) return;
      }
    } catch (const fs::filesystem_error&) {
      // A file went while it was looked at.
    }
    fs::remove_all(killed);
  }
  throw std::runtime_error("the files of " + directory.string() + " do not come to rest");
}

double store_changes_per_s(std::size_t changes_per_batch, const conditions& how) {
  const fs::path directory = fs::path(how.data) / "store";
  fs::remove_all(directory);
  double found = 0;
  {
    const auto to = rocksdb(directory)();
    change_maker makes(*to);
    for (const auto warm = clock::now(); seconds_since(warm) < how.seconds / 4;) {
      makes.append(changes_per_batch);
    }
    const auto start = clock::now();
    std::uint64_t written = 0;
    double taken = 0;
    for (; taken < how.seconds; taken = seconds_since(start)) {
      if (how.interrupted && how.interrupted()) throw interruption{};
      makes.append(changes_per_batch);
      written += changes_per_batch;
    }
    found = static_cast<double>(written) / taken;
    expect(to->close());
  }
  fs::remove_all(directory);
  return found;
}

replay_rates replay(std::uint64_t changes, const conditions& how) {
  const fs::path directory = fs::path(how.data) / "replay";
  fs::remove_all(directory);
  replay_rates found;
  {
    const auto from = write_journal(directory, changes, how);
    std::vector<std::string> events;
    expect(from->scan(0, [&](const record& next) {
      change decoded;
      expect(decode_change(next, decoded));
      events.push_back(std::move(decoded.events.at(0).data));
      return true;
    }));
    auto start = clock::now();
    for (const auto& data : events) {
      if (!boost::json::parse(data).is_object()) throw std::runtime_error("an event is no object");
    }
    found.parsed_per_s = static_cast<double>(changes) / seconds_since(start);
    replay_request request;
    request.types = {&type_descriptor<counter>()};
    replay_report replayed;
    start = clock::now();
    expect(replay_journal(*from, request, replayed));
    found.changes_per_s = static_cast<double>(changes) / seconds_since(start);
    if (replayed.changes != changes) throw std::runtime_error("changes were not replayed");
    expect(from->close());
  }
  fs::remove_all(directory);
  return found;
}

opening open_again(std::uint64_t changes, const conditions& how) {
  const fs::path directory = fs::path(how.data) / "open";
  const fs::path killed = fs::path(how.data) / "open-killed";
  fs::remove_all(directory);
  fs::remove_all(killed);
  {
    const auto written = write_journal(directory, changes, how);
    copy_as_killed(directory, killed, how);
    expect(written->close());
  }
  opening found;
  found.after_close_s = seconds_to_open(directory, changes);
  found.after_kill_s = seconds_to_open(killed, changes);
  fs::remove_all(directory);
  fs::remove_all(killed);
  return found;
}

} // namespace cairn::bench
