#pragma once

#include <cairn/compare.hpp>
#include <cairn/journal.hpp>

#include <filesystem>
#include <memory>

namespace cairn::compare {

/// A fresh journal for one run, gone with it.
class scratch_journal {
public:
  /// Errors: `startup_error` when no directory can be made.
  explicit scratch_journal(const settings& how);
  ~scratch_journal();
  scratch_journal(const scratch_journal&) = delete;
  scratch_journal& operator=(const scratch_journal&) = delete;

  journal_source source() const;
  /// For reading, after it was closed; not of a journal in memory.
  std::unique_ptr<journal> reopen() const;

private:
  std::filesystem::path directory_; // empty: in memory
};

} // namespace cairn::compare
