#include "persistence/store/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

namespace cairn::persistence {

namespace {

// A command line can be very long; its beginning is enough to recognise a program.
constexpr std::size_t holder_bytes_max = 512;

std::string own_command_line() {
  std::ifstream file("/proc/self/cmdline",
                     std::ios::binary); // absent outside Linux: the pid must do
  std::string text((std::istreambuf_iterator<char>(file)), {});
  while (!text.empty() && text.back() == '\0') text.pop_back();
  // Arguments are separated by zeros; a line break would break the message that shows them.
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text.substr(0, holder_bytes_max);
}

std::string describe_self() {
  auto text = std::to_string(::getpid());
  if (const auto command = own_command_line(); !command.empty()) text += " (" + command + ")";
  return text;
}

/// What the holder wrote: `4711 (chess --data data)`.
std::string read_holder(int file) {
  std::string text(holder_bytes_max + 32, '\0');
  const auto size = ::pread(file, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

} // namespace

status cannot_open(const std::filesystem::path& path, int error_number) {
  return {journal_errc::cannot_open,
          path.string() + ": " + std::generic_category().message(error_number)};
}

directory_lock::~directory_lock() { release(); }

directory_lock::directory_lock(directory_lock&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}

directory_lock& directory_lock::operator=(directory_lock&& other) noexcept {
  if (this != &other) {
    release();
    file_ = std::exchange(other.file_, -1);
  }
  return *this;
}

void directory_lock::release() noexcept {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

status directory_lock::acquire(const std::filesystem::path& directory) {
  const auto path = directory / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return cannot_open(path, errno);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    const auto holder = reason == EWOULDBLOCK ? read_holder(file) : std::string();
    ::close(file);
    if (reason != EWOULDBLOCK) return cannot_open(path, reason);
    return {journal_errc::locked,
            directory.string() + " is held by " +
                (holder.empty() ? std::string("another process") : "process " + holder) +
                "; stop it, or open the journal read-only"};
  }
  release();
  file_ = file;
  const auto text = describe_self() + '\n';
  // The text is for people only: the lock holds even where it cannot be written.
  if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, text.data(), text.size(), 0);
  return {};
}

} // namespace cairn::persistence
