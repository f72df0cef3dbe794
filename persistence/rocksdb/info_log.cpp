#include "persistence/rocksdb/info_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace cairn::persistence {

namespace {

constexpr std::size_t info_log_bytes_max = 1 << 20;

// RocksDB's longest lines list files; their beginning tells enough.
constexpr std::size_t info_line_bytes_max = 4096;

class silent_log final : public ::rocksdb::Logger {
public:
  using ::rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

class info_log final : public ::rocksdb::Logger {
public:
  explicit info_log(const std::string& directory)
      : Logger(::rocksdb::InfoLogLevel::WARN_LEVEL),
        file_(::open((directory + "/LOG").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                     0666)) {}

  ~info_log() override {
    if (file_ >= 0) ::close(file_);
  }

  using ::rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (file_ < 0) return;
    std::array<char, info_line_bytes_max> line{};
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::size_t used = std::strftime(line.data(), line.size(), "%Y-%m-%dT%H:%M:%SZ ", &parts);
    const std::size_t room = line.size() - used - 1; // for the line's end
    const int text = std::vsnprintf(line.data() + used, room, format, arguments);
    used += std::min(static_cast<std::size_t>(std::max(text, 0)), room - 1);
    if (line[used - 1] != '\n') line[used++] = '\n';
    const std::scoped_lock lock(mutex_);
    if (::lseek(file_, 0, SEEK_END) > static_cast<off_t>(info_log_bytes_max - used))
      (void)!::ftruncate(file_, 0);
    (void)!::write(file_, line.data(), used);
  }

private:
  std::mutex mutex_;
  int file_;
};

} // namespace

std::shared_ptr<::rocksdb::Logger> make_info_log(const std::string& directory) {
  return std::make_shared<info_log>(directory);
}

std::shared_ptr<::rocksdb::Logger> make_silent_log() { return std::make_shared<silent_log>(); }

} // namespace cairn::persistence
