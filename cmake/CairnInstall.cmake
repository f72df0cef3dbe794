# What an installation holds, in two components: `development` is library, headers, and the files by which CMake
# and pkg-config find them; `tools` is the programs.

set(cairn_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cairn)
set(cairn_leaves "")
foreach(leaf IN ITEMS cairn_compare cairn_bench cairn_cli cairn_gateway cairn_serve)
  if(TARGET ${leaf})
    list(APPEND cairn_leaves ${leaf})
  endif()
endforeach()

install(TARGETS cairn ${cairn_leaves} EXPORT cairnTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  FILE_SET HEADERS COMPONENT development)
if(TARGET cairn_program)
  install(TARGETS cairn_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
endif()

# --- for CMake -----------------------------------------------------------------------------------
install(EXPORT cairnTargets NAMESPACE cairn:: DESTINATION ${cairn_package_dir} COMPONENT development)
cairn_needs_field(cairn_wanted 0 ${cairn_needs} ${cairn_leaf_needs})
list(TRANSFORM cairn_wanted REPLACE "^.+$" "find_dependency(\\0)")
list(JOIN cairn_wanted "\n" CAIRN_FIND_NEEDS)
configure_package_config_file(cmake/cairnConfig.cmake.in ${PROJECT_BINARY_DIR}/cairnConfig.cmake
  INSTALL_DESTINATION ${cairn_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cairnConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/cairnConfig.cmake
  ${PROJECT_BINARY_DIR}/cairnConfigVersion.cmake
  cmake/FindBoostJSON.cmake
  cmake/FindCAF.cmake
  cmake/FindRocksDB.cmake
  cmake/FindxxHash.cmake
  DESTINATION ${cairn_package_dir}
  COMPONENT development)

# --- for pkg-config ------------------------------------------------------------------------------
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig OUTPUT_VARIABLE CAIRN_PC_UP)

# cairn_pkg_config(<name> <description> LIBRARIES <targets, the lowest last> NEEDS <rows> [AFTER <package>])
#
# An archive cannot be linked without what it is built on, so --static makes no difference; what a shared library
# is built on is private, but for what its headers use: the words for the linker.
function(cairn_pkg_config name description)
  cmake_parse_arguments(ARG "" "AFTER" "LIBRARIES;NEEDS" ${ARGN})
  cairn_needs_field(needed 2 ${ARG_NEEDS})
  set(packages ${needed})
  list(FILTER packages EXCLUDE REGEX "^-")
  set(words ${needed})
  list(FILTER words INCLUDE REGEX "^-")
  list(TRANSFORM ARG_LIBRARIES PREPEND "-l" OUTPUT_VARIABLE libraries)
  set(CAIRN_PC_REQUIRES ${ARG_AFTER})
  set(CAIRN_PC_REQUIRES_PRIVATE "")
  if(BUILD_SHARED_LIBS)
    set(CAIRN_PC_REQUIRES_PRIVATE ${packages})
  else()
    list(APPEND CAIRN_PC_REQUIRES ${packages})
  endif()
  list(JOIN CAIRN_PC_REQUIRES ", " CAIRN_PC_REQUIRES)
  list(JOIN CAIRN_PC_REQUIRES_PRIVATE ", " CAIRN_PC_REQUIRES_PRIVATE)
  string(JOIN " " CAIRN_PC_LIBS ${libraries} ${words})
  set(CAIRN_PC_NAME ${name})
  set(CAIRN_PC_DESCRIPTION ${description})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/cairn.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

cairn_pkg_config(cairn ${PROJECT_DESCRIPTION} LIBRARIES cairn NEEDS ${cairn_needs})
if(TARGET cairn_cli)
  set(cairn_leaf_libraries cairn_cli cairn_bench cairn_compare)
  cairn_pkg_config(cairn-cli "Cairn's command line for a program's own entity types"
    LIBRARIES ${cairn_leaf_libraries} NEEDS ${cairn_leaf_needs} AFTER "cairn = ${PROJECT_VERSION}")
  cairn_pkg_config(cairn-gateway "Cairn's HTTP gateway, and the command that runs it"
    LIBRARIES cairn_serve cairn_gateway NEEDS AFTER "cairn-cli = ${PROJECT_VERSION}")
endif()
