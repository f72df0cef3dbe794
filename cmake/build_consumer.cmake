# Run with cmake -P. Installs BUILD into a fresh prefix, WORK/prefix, then builds and runs PROGRAM against nothing but
# that prefix: as a project in CMake, the folder PROJECT, or with PKG_CONFIG and COMPILER alone.

file(REMOVE_RECURSE ${WORK})

function(run)
  execute_process(COMMAND ${ARGN}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${status}): ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(build_by_cmake)
  file(COPY ${PROJECT}/CMakeLists.txt DESTINATION ${WORK})
  file(COPY_FILE ${PROGRAM} ${WORK}/main.cpp)
  run(${CMAKE_COMMAND} -S ${WORK} -B ${WORK} -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Debug)
  run(${CMAKE_COMMAND} --build ${WORK})
endfunction()

function(build_by_pkg_config)
  cmake_path(SET packages ${WORK}/prefix/${LIBDIR}/pkgconfig)
  run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${packages} ${PKG_CONFIG} --cflags --libs cairn)
  separate_arguments(flags UNIX_COMMAND "${output}")
  run(${COMPILER} -std=c++20 ${PROGRAM} -o ${WORK}/consumer ${flags})
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
if(PKG_CONFIG)
  build_by_pkg_config()
else()
  build_by_cmake()
endif()
run(${CMAKE_COMMAND} -E chdir ${WORK} ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${WORK}/prefix/${LIBDIR} ${WORK}/consumer)
if(NOT output MATCHES "gold left: 40$")
  message(FATAL_ERROR "the program said something else:\n${output}")
endif()
