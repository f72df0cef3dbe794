# The libraries that Cairn is built on. The build and the installed package both call this, so that
# a project that uses the package finds what it was built with. Not to be confused with CLI11 and
# GTest, which only leaves and tests need.

# The installed package sets what the build has found; here it is decided.
macro(cairn_find_dependencies)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  find_package(CAF 0.17 REQUIRED)
  find_package(BoostJSON 1.81 REQUIRED)
  find_package(RocksDB 7 MODULE REQUIRED)
  find_package(xxHash REQUIRED)
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
  set(CAIRN_WITH_POSTGRES OFF)
  if(CAIRN_POSTGRES STREQUAL "AUTO")
    find_package(PostgreSQL QUIET)
    if(PostgreSQL_FOUND)
      set(CAIRN_WITH_POSTGRES ON)
    endif()
  elseif(CAIRN_POSTGRES)
    find_package(PostgreSQL REQUIRED)
    set(CAIRN_WITH_POSTGRES ON)
  endif()
endmacro()
