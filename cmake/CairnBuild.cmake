# How this tree is compiled: warnings, sanitizers, ccache. Nothing here reaches an installed target.

if(PROJECT_IS_TOP_LEVEL)
  add_compile_options(-Wall -Wextra -Wpedantic -Wshadow)
  if(CAIRN_WERROR)
    add_compile_options(-Werror)
  endif()
endif()

# Read through another one, GCC takes a file for a header, whose unnamed namespaces it warns of.
macro(cairn_allow_unity)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-subobject-linkage)
  endif()
endmacro()
if(CMAKE_UNITY_BUILD)
  cairn_allow_unity()
endif()

if(CAIRN_SANITIZE)
  add_compile_options(-fsanitize=${CAIRN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CAIRN_SANITIZE})
  if(CAIRN_SANITIZE MATCHES "undefined")
    # CAF 0.17 binds a reference to a null tuple when it spawns a function without arguments
    # (detail/init_fun_factory.hpp), in a header, so inside our objects; for the same reason there is
    # no -D_GLIBCXX_ASSERTIONS. What is read through null, the address sanitizer still sees.
    add_compile_options(-fno-sanitize=null)
  endif()
endif()

if(CAIRN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CAIRN_CCACHE_PROGRAM ccache)
  if(CAIRN_CCACHE_PROGRAM)
    # A precompiled header has a new time and new macros at each configure; without this
    # sloppiness ccache would refuse to reuse anything compiled with one.
    set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CAIRN_CCACHE_PROGRAM})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-fpch-preprocess)
    elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
endif()

# Programs of ours run on mimalloc where it is installed: what one thread allocates another frees here, and
# glibc's allocator is slowest at just that. No installed target asks for it; docs/guide/operating.md has what a user's
# program gains. Sanitizers bring their own allocator.
set(CAIRN_ALLOCATOR "glibc")
if(CAIRN_MIMALLOC AND NOT CAIRN_SANITIZE)
  find_package(mimalloc CONFIG QUIET)
  if(TARGET mimalloc)
    set(CAIRN_ALLOCATOR "mimalloc ${mimalloc_VERSION}")
  endif()
endif()

# cairn_program(<target>): makes an executable one of our programs.
function(cairn_program target)
  if(CAIRN_ALLOCATOR MATCHES "mimalloc")
    # Nothing in the program names it, and a linker that drops what is not needed would drop it.
    target_link_options(${target} PRIVATE LINKER:--no-as-needed)
    target_link_libraries(${target} PRIVATE mimalloc)
  endif()
endfunction()

# Objects do not take over position independence from the library that they end up in.
if(BUILD_SHARED_LIBS OR CMAKE_POSITION_INDEPENDENT_CODE)
  set(CAIRN_PIC ON)
else()
  set(CAIRN_PIC OFF)
endif()

# cairn_folder(<folder> LINK <targets> [PCH <headers>] [EXCLUDE <regex>])
#
# Makes the object library cairn_<folder> from the .cpp files of the calling folder and its rooms and
# adds its objects to the library. Does nothing for an empty folder.
macro(cairn_folder folder)
  cmake_parse_arguments(CAIRN_FOLDER "" "EXCLUDE" "LINK;PCH" ${ARGN})
  file(GLOB_RECURSE cairn_folder_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(CAIRN_FOLDER_EXCLUDE)
    list(FILTER cairn_folder_sources EXCLUDE REGEX "${CAIRN_FOLDER_EXCLUDE}")
  endif()
  if(cairn_folder_sources)
    add_library(cairn_${folder} OBJECT ${cairn_folder_sources})
    target_include_directories(cairn_${folder}
      PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
    target_link_libraries(cairn_${folder} PUBLIC ${CAIRN_FOLDER_LINK})
    set_target_properties(cairn_${folder} PROPERTIES
      POSITION_INDEPENDENT_CODE ${CAIRN_PIC})
    if(CAIRN_FOLDER_PCH)
      target_precompile_headers(cairn_${folder} PRIVATE ${CAIRN_FOLDER_PCH})
    endif()
    list(APPEND cairn_objects $<TARGET_OBJECTS:cairn_${folder}>)
    set(cairn_objects "${cairn_objects}" PARENT_SCOPE)
  endif()
endmacro()
