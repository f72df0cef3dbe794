# Finds RocksDB: its own package, else pkg-config's hints, header and library. The package is not
# enough, since it fails where one of the compression libraries lacks a find module.
#
# Ask for it without a version and compare RocksDB_VERSION: each major version's package calls itself
# incompatible with a request for an older one.
#
# Defines RocksDB_FOUND, RocksDB_VERSION and the target RocksDB::default: the shared library where
# there is one, else the static.

find_package(RocksDB CONFIG QUIET)
if(TARGET RocksDB::rocksdb-shared)
  set(RocksDB_TARGET RocksDB::rocksdb-shared)
elseif(TARGET RocksDB::rocksdb)
  set(RocksDB_TARGET RocksDB::rocksdb)
else()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(PC_ROCKSDB QUIET rocksdb)
  endif()
  find_path(RocksDB_INCLUDE_DIR NAMES rocksdb/db.h HINTS ${PC_ROCKSDB_INCLUDE_DIRS})
  find_library(RocksDB_LIBRARY NAMES rocksdb HINTS ${PC_ROCKSDB_LIBRARY_DIRS})
  mark_as_advanced(RocksDB_INCLUDE_DIR RocksDB_LIBRARY)
  if(RocksDB_INCLUDE_DIR AND RocksDB_LIBRARY)
    set(RocksDB_TARGET RocksDB::found)
    if(NOT TARGET RocksDB::found)
      add_library(RocksDB::found UNKNOWN IMPORTED)
      set_target_properties(RocksDB::found PROPERTIES
        IMPORTED_LOCATION ${RocksDB_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${RocksDB_INCLUDE_DIR})
    endif()
    set(RocksDB_VERSION "")
    foreach(rocksdb_part MAJOR MINOR PATCH)
      file(STRINGS ${RocksDB_INCLUDE_DIR}/rocksdb/version.h rocksdb_line
        REGEX "^#define ROCKSDB_${rocksdb_part} [0-9]+" LIMIT_COUNT 1)
      if(rocksdb_line MATCHES "([0-9]+)$")
        list(APPEND RocksDB_VERSION ${CMAKE_MATCH_1})
      endif()
    endforeach()
    list(JOIN RocksDB_VERSION "." RocksDB_VERSION)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RocksDB REQUIRED_VARS RocksDB_TARGET VERSION_VAR RocksDB_VERSION)
if(RocksDB_FOUND AND NOT TARGET RocksDB::default)
  add_library(RocksDB::default INTERFACE IMPORTED)
  set_target_properties(RocksDB::default PROPERTIES INTERFACE_LINK_LIBRARIES ${RocksDB_TARGET})
endif()
