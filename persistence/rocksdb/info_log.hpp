#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace cairn::persistence {

/// What RocksDB warns of, in the file `LOG` of `directory`, which begins anew at a mebibyte; what does not fit on the
/// disk is left out. RocksDB's own such file is written once more after a write has failed, and Debian's build then
/// stops the process by an assertion.
std::shared_ptr<::rocksdb::Logger> make_info_log(const std::string& directory);

/// Says nothing: whoever only reads a directory leaves no file in it.
std::shared_ptr<::rocksdb::Logger> make_silent_log();

} // namespace cairn::persistence
