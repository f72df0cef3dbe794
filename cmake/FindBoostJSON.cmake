# Finds Boost.JSON (and with it Boost's headers) without asking for the whole of Boost: several
# Boost versions may be installed side by side, and only some of them have JSON.
#
# Defines BoostJSON_FOUND, BoostJSON_VERSION and the target Boost::json.

if(NOT TARGET Boost::json)
  find_package(boost_json ${BoostJSON_FIND_VERSION} CONFIG QUIET)
  if(NOT TARGET Boost::json)
    find_package(Boost ${BoostJSON_FIND_VERSION} QUIET CONFIG COMPONENTS json)
  endif()
endif()
if(TARGET Boost::json)
  set(BoostJSON_TARGET Boost::json)
  if(boost_json_VERSION)
    set(BoostJSON_VERSION ${boost_json_VERSION})
  else()
    set(BoostJSON_VERSION ${Boost_VERSION})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoostJSON
  REQUIRED_VARS BoostJSON_TARGET
  VERSION_VAR BoostJSON_VERSION)
