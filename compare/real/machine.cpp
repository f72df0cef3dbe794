#include <cairn/compare.hpp>
#include <cairn/journal.hpp>

#include <fmt/format.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace cairn::compare {

namespace {

std::string processor() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

/// A file system in memory syncs nothing, which its reader must know.
std::string file_system_of(const std::string& directory) {
  constexpr long in_memory[] = {0x01021994 /* tmpfs */, 0x858458F6 /* ramfs */};
  struct statfs found {};
  if (::statfs(directory.c_str(), &found) != 0) return "unknown";
  for (const long kind : in_memory) {
    if (static_cast<long>(found.f_type) == kind) return "in memory, where a sync does nothing";
  }
  return fmt::format("of type {:#x}", static_cast<unsigned long>(found.f_type));
}

} // namespace

std::string describe_machine() {
  utsname system{};
  ::uname(&system);
#ifdef __clang__
  constexpr auto compiler = "Clang " __clang_version__;
#else
  constexpr auto compiler = "GCC " __VERSION__;
#endif
  return fmt::format("{}, {} cores, {} {}, {}", processor(), std::thread::hardware_concurrency(),
                     static_cast<const char*>(system.sysname),
                     static_cast<const char*>(system.release), compiler);
}

std::string describe_journal(const settings& how) {
  if (how.memory) return "in memory, nothing is synced";
  const auto directory =
      how.data.empty() ? std::filesystem::temp_directory_path().string() : how.data;
  return fmt::format("RocksDB, a sync for each batch, in {} (file system {})", directory,
                     file_system_of(directory));
}

std::string current_time() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto text = iso_time(
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
  return text.substr(0, text.find('.')) + "Z";
}

} // namespace cairn::compare
