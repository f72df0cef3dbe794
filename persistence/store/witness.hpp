#pragma once

#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <filesystem>
#include <optional>

namespace cairn::persistence {

/// Tells how far a journal had been synced, from outside its store: a journal that ends before that
/// is damaged, not torn. Some bytes in a file, rewritten in place after each sync and not synced
/// themselves, so that they cost next to nothing; after a power cut they may be old, but never
/// ahead. Source: docs/journal-format.md, section "Witness".
class witness {
public:
  witness() = default;
  ~witness();
  witness(witness&& other) noexcept;
  witness& operator=(witness&& other) noexcept;

  /// What the witness in `directory` says: the position after the last synced change; nothing when
  /// there is no witness.
  /// Errors: damaged, unknown_format, cannot_open.
  static status read(const std::filesystem::path& directory, std::optional<position_type>& synced);

  /// Opens the witness in `directory` for writing; makes one, synced, that says 0 when there is
  /// none. Errors: cannot_open.
  status open(const std::filesystem::path& directory);

  /// Errors: store_failed.
  status write(position_type synced);

  void close() noexcept;

private:
  int file_ = -1;
};

} // namespace cairn::persistence
