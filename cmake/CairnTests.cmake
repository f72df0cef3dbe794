# Tests that are not GTest programs: code that must not compile, the installed package, house rules.

# --- tests/must_not_compile ----------------------------------------------------------------------
file(GLOB refused_sources CONFIGURE_DEPENDS must_not_compile/*.cpp)
set(cairn_includes $<TARGET_PROPERTY:cairn,INTERFACE_INCLUDE_DIRECTORIES>)
foreach(source IN LISTS refused_sources)
  cmake_path(GET source STEM stem)
  add_test(NAME MustNotCompile.${stem}
    COMMAND ${CMAKE_COMMAND}
      -D COMPILER=${CMAKE_CXX_COMPILER}
      -D SOURCE=${source}
      "-DINCLUDES=${PROJECT_SOURCE_DIR}/include|${PROJECT_SOURCE_DIR}|$<JOIN:${cairn_includes},|>"
      -P ${PROJECT_SOURCE_DIR}/cmake/must_not_compile.cmake)
  set_tests_properties(MustNotCompile.${stem} PROPERTIES LABELS compile TIMEOUT 180)
endforeach()

# --- public headers in programs that are not ours ---------------------------------------------------
add_test(NAME MustCompile.PublicHeadersWithQtsWordsAndWithoutWarnings
  COMMAND ${CMAKE_COMMAND}
    -D COMPILER=${CMAKE_CXX_COMPILER}
    -D HEADERS=${PROJECT_SOURCE_DIR}/include/cairn
    -D OUTPUT=${CMAKE_CURRENT_BINARY_DIR}/public_headers.cpp
    "-DINCLUDES=${PROJECT_SOURCE_DIR}/include|$<JOIN:${cairn_includes},|>"
    -P ${PROJECT_SOURCE_DIR}/cmake/must_compile.cmake)
set_tests_properties(MustCompile.PublicHeadersWithQtsWordsAndWithoutWarnings
  PROPERTIES LABELS compile TIMEOUT 180)

# --- the installed package -----------------------------------------------------------------------
if(NOT CAIRN_SANITIZE)  # a sanitizer's objects do not link into a program built without it
  function(cairn_install_test name)
    add_test(NAME InstalledPackage.${name}
      COMMAND ${CMAKE_COMMAND}
        -D BUILD=${PROJECT_BINARY_DIR}
        -D WORK=${PROJECT_BINARY_DIR}/consumer/${name}
        -D PROGRAM=${PROJECT_SOURCE_DIR}/examples/quickstart/main.cpp
        -D LIBDIR=${CMAKE_INSTALL_LIBDIR}
        -D COMPILER=${CMAKE_CXX_COMPILER}
        ${ARGN}
        -P ${PROJECT_SOURCE_DIR}/cmake/build_consumer.cmake)
    set_tests_properties(InstalledPackage.${name} PROPERTIES LABELS install TIMEOUT 600)
  endfunction()

  cairn_install_test(BuildsTheFirstEntityByCMake
    -D GENERATOR=${CMAKE_GENERATOR} -D PROJECT=${PROJECT_SOURCE_DIR}/tests/consumer)
  find_program(CAIRN_PKG_CONFIG NAMES pkg-config pkgconf)
  if(CAIRN_PKG_CONFIG)
    cairn_install_test(BuildsTheFirstEntityByPkgConfig -D PKG_CONFIG=${CAIRN_PKG_CONFIG})
  endif()
endif()

# --- house rules ---------------------------------------------------------------------------------
# Exit status 77: this machine lacks the tool (or the version) that the check needs.
function(cairn_house_test name timeout)
  add_test(NAME House.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(House.${name} PROPERTIES
    LABELS house TIMEOUT ${timeout} SKIP_RETURN_CODE 77)
endfunction()

cairn_house_test(FoldersDependOnlyDownwards 60 ${PROJECT_SOURCE_DIR}/scripts/check-layers)
cairn_house_test(LayerCheckRefusesViolations 60 ${PROJECT_SOURCE_DIR}/scripts/check-layers --self-test)
cairn_house_test(SizesStayInBounds 60 ${PROJECT_SOURCE_DIR}/scripts/check-sizes)
cairn_house_test(SizeCheckRefusesViolations 60 ${PROJECT_SOURCE_DIR}/scripts/check-sizes --self-test)
cairn_house_test(ReferenceWithoutWarnings 120 ${PROJECT_SOURCE_DIR}/scripts/reference)
cairn_house_test(FormattedSources 120 ${PROJECT_SOURCE_DIR}/scripts/format --check)
if(CAIRN_TIDY_TEST)
  find_program(CAIRN_CLANG_TIDY clang-tidy)
  if(CAIRN_CLANG_TIDY)
    cairn_house_test(TidySources 3600 ${PROJECT_SOURCE_DIR}/scripts/tidy)
    # A label of its own, since it takes minutes; alone, since it takes all cores.
    set_tests_properties(House.TidySources PROPERTIES LABELS tidy RUN_SERIAL ON)
  endif()
endif()
