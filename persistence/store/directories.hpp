#pragma once

#include <cairn/error.hpp>

#include <filesystem>

namespace cairn::persistence {

/// Makes durable which files `directory` holds. Errors: cannot_open.
status sync_directory(const std::filesystem::path& directory);

/// Makes `directory` and its parents where they are missing, each durable in the one that holds it: otherwise a power
/// cut could take a directory whose files were all synced. Errors: cannot_open.
status make_directories(const std::filesystem::path& directory);

} // namespace cairn::persistence
