#include "persistence/refusals/refusal_log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace cairn::persistence {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t log_files = 2; // the one that is written, and the one before

/// A crash may have cut the last line short; the next one must not continue it.
bool ends_inside_a_line(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return file.seekg(-1, std::ios::end) && file.get() != '\n';
}

/// A file of a program that was allowed more.
void remove_if_larger(const fs::path& path, std::uint64_t bytes_max) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (!error && bytes > bytes_max) {
    fs::remove(path, error);
  }
}

/// A little more than a line keeps of it, which is cut between characters.
void cut(std::string& text) noexcept {
  constexpr std::size_t kept = 512;
  if (text.size() > kept) {
    text.resize(kept);
  }
}

} // namespace

fs::path refusals_path(const fs::path& directory) { return directory / "refusals.jsonl"; }

fs::path older_refusals_path(const fs::path& directory) { return directory / "refusals.1.jsonl"; }

refusal_log::refusal_log(const fs::path& directory, std::uint64_t bytes_max,
                         std::size_t most_waiting)
    : file_bytes_max_(std::max<std::uint64_t>(bytes_max / log_files, 1)),
      waiting_max_(most_waiting) {
  const auto path = refusals_path(directory);
  remove_if_larger(path, file_bytes_max_);
  remove_if_larger(older_refusals_path(directory), file_bytes_max_);
  const bool torn = ends_inside_a_line(path);
  try {
    sink_ = std::make_unique<spdlog::sinks::rotating_file_sink_st>(path.string(), file_bytes_max_,
                                                                   log_files - 1);
    sink_->set_pattern("%v");
    if (torn) {
      put("");
    }
  } catch (const spdlog::spdlog_ex& error) {
    throw startup_error(journal_errc::cannot_open, error.what());
  }
  thread_ = std::thread([this] { run(); });
}

refusal_log::~refusal_log() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void refusal_log::record(refusal refused) noexcept {
  cut(refused.client);
  cut(refused.reason);
  try {
    const std::lock_guard lock(mutex_);
    ++recorded_;
    if (waiting_.size() < waiting_max_) {
      waiting_.push_back(std::move(refused));
    } else {
      ++dropped_since_;
      dropped_.fetch_add(1, std::memory_order_relaxed);
    }
    if (waiting_.size() == 1) {
      changed_.notify_all();
    }
  } catch (...) { // no memory for it
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

void refusal_log::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this, until = recorded_] { return done_ >= until; });
}

void refusal_log::run() {
  std::vector<refusal> some;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      return;
    }
    lock.unlock();
    {
      const std::lock_guard writing(writing_);
      lock.lock();
      some.swap(waiting_);
      const auto dropped = std::exchange(dropped_since_, 0);
      const auto until = recorded_;
      lock.unlock();
      write(some, dropped);
      some.clear();
      lock.lock();
      done_ = until;
    }
    changed_.notify_all();
  }
}

void refusal_log::write(const std::vector<refusal>& some, std::uint64_t dropped) noexcept {
  std::string line;
  for (const auto& refused : some) {
    try {
      line.clear();
      write_refusal_json(line, refused);
      put(line);
    } catch (...) {
      // It is a log: what cannot be written is lost, and the next one may be better off.
    }
  }
  try {
    if (dropped > 0 && !some.empty()) { // they came behind these
      line.clear();
      write_dropped_json(line, some.back().time_us, dropped);
      put(line);
    }
    sink_->flush();
  } catch (...) {
    // as above
  }
}

void refusal_log::put(const std::string& line) {
  if (line.size() < file_bytes_max_) { // with its end
    sink_->log({spdlog::string_view_t(), spdlog::level::info, line});
  }
}

} // namespace cairn::persistence
