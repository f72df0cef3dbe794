# Run with cmake -P. Passes when SOURCE is refused by the compiler, whose first error line has the text that the source's
# first line expects, and is accepted with MUST_COMPILE defined, so that it is refused for that reason only.
#
# COMPILER  the C++ compiler
# SOURCE    the file; its first line is `// expect: <regex>`; a line `// dialect: gnu++20` asks for another than c++20
# INCLUDES  include folders, separated by `|`

file(STRINGS ${SOURCE} first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// expect: (.+)$")
  message(FATAL_ERROR "${SOURCE}:1: the first line must be `// expect: <regex>`")
endif()
set(expected "${CMAKE_MATCH_1}")

string(REPLACE "|" ";" include_dirs "${INCLUDES}")
list(REMOVE_DUPLICATES include_dirs)
set(dialect c++20)
file(STRINGS ${SOURCE} dialect_line REGEX "^// dialect: [a-z0-9+]+$" LIMIT_COUNT 1)
if(dialect_line)
  string(REPLACE "// dialect: " "" dialect "${dialect_line}")
endif()
set(flags -std=${dialect} -fsyntax-only)
foreach(dir IN LISTS include_dirs)
  if(dir)
    list(APPEND flags -I${dir})
  endif()
endforeach()

execute_process(COMMAND ${COMPILER} ${flags} -DMUST_COMPILE ${SOURCE}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${SOURCE}: must compile with MUST_COMPILE defined, but:\n${output}")
endif()

execute_process(COMMAND ${COMPILER} ${flags} ${SOURCE}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0)
  message(FATAL_ERROR "${SOURCE}: compiles, but must be refused with: ${expected}")
endif()
string(REGEX MATCH "[^\n]*error: [^\n]*" first_error "${output}")
if(NOT first_error MATCHES "${expected}")
  message(FATAL_ERROR "${SOURCE}: the first error is not: ${expected}\n${output}")
endif()
