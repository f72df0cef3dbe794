# Debian packages, by `cpack -G DEB` in a build directory or by scripts/package: libcairn-dev, all that a program is
# built with, and cairn-tools, the programs.
if(BUILD_SHARED_LIBS)
  return()  # the programs would need a third package, of the shared libraries
endif()

set(CAIRN_PACKAGE_MAINTAINER "Cairn contributors <contributors@cairn.invalid>" CACHE STRING
  "Who stands as the maintainer in Debian packages: Name <address>")

# --- what Debian wants to be said of licences --------------------------------------------------------
file(READ LICENSE cairn_licence)
string(STRIP "${cairn_licence}" cairn_licence)
string(REPLACE "\n\n" "\n.\n" cairn_licence "${cairn_licence}")
string(REPLACE "\n" "\n " CAIRN_LICENCE_TEXT "${cairn_licence}")
configure_file(cmake/copyright.in ${PROJECT_BINARY_DIR}/copyright @ONLY)
foreach(packed IN ITEMS "development|libcairn-dev" "tools|cairn-tools")
  string(REPLACE "|" ";" packed ${packed})
  list(GET packed 0 component)
  list(GET packed 1 package)
  # Not in other installations: the place is Debian's.
  install(FILES ${PROJECT_BINARY_DIR}/copyright CHANGELOG.md
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

# --- both packages -------------------------------------------------------------------------------
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_NAME cairn)
set(CPACK_PACKAGE_CONTACT "${CAIRN_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL development tools)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(cairn_about "Cairn runs entities: each is an actor that alone holds its state and version, and
journals each accepted change before anyone hears of it. A command may carry the
version that its sender saw, and is refused when that is stale.")

# --- libcairn-dev ----------------------------------------------------------------------------------
cairn_needs_field(cairn_dev_packages 1 ${cairn_needs} ${cairn_leaf_needs})
list(JOIN cairn_dev_packages ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcairn-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "${cairn_about}

This package has all that a program is built with: headers, static libraries, and
the files by which CMake and pkg-config find them.")

# --- cairn-tools -----------------------------------------------------------------------------------
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME cairn-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION database)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "${cairn_about}

This package has the command cairn, which looks into journals, checks, exports, imports
and copies them, and sends commands as JSON Lines.")

include(CPack)
