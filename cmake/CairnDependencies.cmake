# The libraries that the library is built on. One row each, and the only place that lists them:
#   what find_package is asked, here and by an installed cairnConfig.cmake
#   | the Debian package that holds what a program needs to be linked with it
#   | what cairn.pc says of it: a package of pkg-config's, or words for the linker.
# What only leaves and tests need (CLI11, GTest, Google Benchmark) they look for themselves.
set(cairn_needs
  "Threads||-pthread"
  "CAF MODULE|libcaf-dev|-lcaf_core"
  "BoostJSON 1.81 MODULE|libboost-json@BOOST@-dev|-lboost_json"
  "RocksDB MODULE|librocksdb-dev|rocksdb"
  "xxHash MODULE|libxxhash-dev|libxxhash"
  "fmt|libfmt-dev|fmt"
  "spdlog|libspdlog-dev|spdlog"
  "prometheus-cpp CONFIG|prometheus-cpp-dev|prometheus-cpp-core")
# Those of the installed leaves.
set(cairn_leaf_needs
  "ZLIB|zlib1g-dev|zlib")

# Sets `out` to the field `index` of each row in which it is not empty.
function(cairn_needs_field out index)
  set(fields "")
  foreach(row IN LISTS ARGN)
    string(REPLACE "|" ";" row "${row}")
    list(GET row ${index} field)
    if(NOT field STREQUAL "")
      list(APPEND fields "${field}")
    endif()
  endforeach()
  set(${out} "${fields}" PARENT_SCOPE)
endfunction()

macro(cairn_find_dependencies)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  cairn_needs_field(cairn_wanted 0 ${cairn_needs})
  foreach(wanted IN LISTS cairn_wanted)
    string(REPLACE " " ";" wanted "${wanted}")
    find_package(${wanted} REQUIRED)
  endforeach()
  if(CAF_VERSION VERSION_LESS 0.17)
    message(FATAL_ERROR "CAF ${CAF_VERSION} is too old: 0.17 or later is needed")
  endif()
  if(RocksDB_VERSION VERSION_LESS 7)
    message(FATAL_ERROR "RocksDB ${RocksDB_VERSION} is too old: 7 or later is needed")
  endif()

  # The store of persistence/postgres*.cpp.
  set(CAIRN_WITH_POSTGRES OFF)
  file(GLOB cairn_postgres_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/persistence/postgres*.cpp)
  if(cairn_postgres_sources)
    if(CAIRN_POSTGRES STREQUAL "AUTO")
      find_package(PostgreSQL QUIET)
    elseif(CAIRN_POSTGRES)
      find_package(PostgreSQL REQUIRED)
    endif()
    if(PostgreSQL_FOUND)
      set(CAIRN_WITH_POSTGRES ON)
      list(APPEND cairn_needs "PostgreSQL|libpq-dev|libpq")
    endif()
  endif()

  # Debian's packages of Boost carry its version, and an archive fits only the one that it was built with.
  string(REGEX MATCH "^[0-9]+[.][0-9]+" cairn_boost "${BoostJSON_VERSION}")
  string(REPLACE "@BOOST@" "${cairn_boost}" cairn_needs "${cairn_needs}")
endmacro()
