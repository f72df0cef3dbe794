#include "persistence/refusal_log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>

#include <algorithm>
#include <fstream>

namespace cairn {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t files = 2; // the one that is written, and the one before

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

void put(spdlog::sinks::sink& sink, spdlog::string_view_t line) {
  sink.log({spdlog::string_view_t(), spdlog::level::info, line});
  sink.flush();
}

} // namespace

fs::path refusals_path(const fs::path& directory) { return directory / "refusals.jsonl"; }

fs::path older_refusals_path(const fs::path& directory) { return directory / "refusals.1.jsonl"; }

refusal_log::refusal_log(const fs::path& directory, std::uint64_t bytes_max)
    : file_bytes_max_(std::max<std::uint64_t>(bytes_max / files, 1)) {
  const auto path = refusals_path(directory);
  remove_if_larger(path, file_bytes_max_);
  remove_if_larger(older_refusals_path(directory), file_bytes_max_);
  const bool torn = ends_inside_a_line(path);
  try {
    sink_ = std::make_unique<spdlog::sinks::rotating_file_sink_mt>(path.string(), file_bytes_max_,
                                                                   files - 1);
    sink_->set_pattern("%v");
    if (torn) {
      put(*sink_, "");
    }
  } catch (const spdlog::spdlog_ex& error) {
    throw startup_error(journal_errc::cannot_open, error.what());
  }
}

refusal_log::~refusal_log() = default;

void refusal_log::record(const refusal& refused) noexcept {
  try {
    std::string line;
    write_refusal_json(line, refused);
    if (line.size() < file_bytes_max_) { // with its end
      put(*sink_, line);
    }
  } catch (...) {
    // It is a log: what cannot be written must not keep the entity from its work.
  }
}

} // namespace cairn
