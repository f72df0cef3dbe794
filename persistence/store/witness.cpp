#include "persistence/store/witness.hpp"

#include "entities/bytes.hpp"
#include "persistence/format/raw_bytes.hpp"
#include "persistence/store/directory_lock.hpp"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <utility>

namespace cairn::persistence {

namespace {

constexpr std::string_view magic = "cairnwit";
constexpr std::uint8_t witness_format = 1;
constexpr std::size_t content_bytes = 17; // magic, format, position
constexpr std::size_t witness_bytes = content_bytes + 8;

// Far less than a disk sector or a page: a rewrite is never half there.
using witness_image = std::array<char, witness_bytes>;

witness_image encode(position_type synced) {
  witness_image image{};
  std::memcpy(image.data(), magic.data(), magic.size());
  image[8] = static_cast<char>(witness_format);
  write_fixed64(image.data() + 9, synced);
  write_fixed64(image.data() + content_bytes, XXH3_64bits(image.data(), content_bytes));
  return image;
}

status decode(const std::filesystem::path& path, std::string_view bytes, position_type& synced) {
  byte_reader in(bytes);
  const bool ours = in.take(magic.size()) == magic;
  const auto format = in.fixed(1);
  if (ours && in.good() && format != witness_format) {
    return {journal_errc::unknown_format, path.string() + " has format " + std::to_string(format) +
                                              "; this program knows format " +
                                              std::to_string(witness_format)};
  }
  synced = in.fixed(8);
  const bool intact =
      in.fixed(8) == XXH3_64bits(bytes.data(), std::min(bytes.size(), content_bytes));
  if (ours && intact && in.good() && in.at_end()) return {};
  return {journal_errc::damaged,
          path.string() + " is damaged: " + std::to_string(bytes.size()) + " of " +
              std::to_string(witness_bytes) +
              " bytes, or a checksum that does not match. Without the file the journal opens, "
              "but nothing then shows whether its end is missing"};
}

} // namespace

witness::~witness() { close(); }

witness::witness(witness&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

witness& witness::operator=(witness&& other) noexcept {
  if (this != &other) {
    close();
    file_ = std::exchange(other.file_, -1);
  }
  return *this;
}

void witness::close() noexcept {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

status witness::read(const std::filesystem::path& directory, std::optional<position_type>& synced) {
  synced.reset();
  const auto path = directory / "witness";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return {};
  if (file < 0) return cannot_open(path, errno);
  std::array<char, witness_bytes + 1> bytes{}; // one more shows a file that is too long
  const auto size = ::pread(file, bytes.data(), bytes.size(), 0);
  const int reason = errno;
  ::close(file);
  if (size < 0) return cannot_open(path, reason);
  position_type position = 0;
  auto result = decode(path, {bytes.data(), static_cast<std::size_t>(size)}, position);
  if (result.ok()) synced = position;
  return result;
}

status witness::open(const std::filesystem::path& directory) {
  close();
  const auto path = directory / "witness";
  file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ >= 0) return {};
  if (errno == ENOENT) file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file_ < 0) return cannot_open(path, errno);
  auto result = write(0);
  if (result.ok() && ::fsync(file_) != 0) result = cannot_open(path, errno);
  return result;
}

status witness::write(position_type synced) {
  const auto image = encode(synced);
  if (::pwrite(file_, image.data(), image.size(), 0) == static_cast<ssize_t>(image.size()))
    return {};
  return {journal_errc::store_failed,
          "cannot write the witness: " + std::generic_category().message(errno)};
}

} // namespace cairn::persistence
