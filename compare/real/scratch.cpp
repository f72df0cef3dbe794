#include "compare/real/scratch.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

namespace cairn::compare {

scratch_journal::scratch_journal(const settings& how) {
  if (how.memory) return;
  namespace fs = std::filesystem;
  const fs::path base = how.data.empty() ? fs::temp_directory_path() : fs::path(how.data);
  std::error_code error;
  fs::create_directories(base, error);
  std::string made = (base / "cairn-compare-XXXXXX").string();
  if (error || ::mkdtemp(made.data()) == nullptr) {
    throw startup_error(journal_errc::cannot_open, "cannot make a directory in " + base.string());
  }
  directory_ = made;
}

scratch_journal::~scratch_journal() {
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

journal_source scratch_journal::source() const {
  return directory_.empty() ? memory() : rocksdb(directory_);
}

std::unique_ptr<journal> scratch_journal::reopen() const {
  rocksdb_options options;
  options.read_only = true;
  return rocksdb(directory_, options)();
}

} // namespace cairn::compare
