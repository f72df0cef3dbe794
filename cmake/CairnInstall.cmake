# What an installation holds: library, headers, the cairn program, and the package file.

set(cairn_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cairn)
set(cairn_installed cairn)
foreach(leaf IN ITEMS cairn_compare cairn_bench cairn_cli)
  if(TARGET ${leaf})
    list(APPEND cairn_installed ${leaf})
  endif()
endforeach()

install(TARGETS ${cairn_installed} EXPORT cairnTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS)
if(TARGET cairn_program)
  install(TARGETS cairn_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(EXPORT cairnTargets NAMESPACE cairn:: DESTINATION ${cairn_package_dir})

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
  DESTINATION ${cairn_package_dir})
