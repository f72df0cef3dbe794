# Run with cmake -P. Passes when every public header compiles, in one source, in a program that defines macros of other
# libraries' words and takes warnings for errors.
#
# COMPILER  the C++ compiler
# HEADERS   the folder of the public headers
# OUTPUT    where the source is written
# INCLUDES  include folders, separated by `|`

file(GLOB headers RELATIVE ${HEADERS} ${HEADERS}/*.hpp ${HEADERS}/detail/*.hpp ${HEADERS}/detail/*/*.hpp)
list(REMOVE_ITEM headers caf.hpp) # CAF's own headers use these words
set(source "")
foreach(name IN LISTS headers)
  string(APPEND source "#include <cairn/${name}>\n")
endforeach()
file(WRITE ${OUTPUT} "${source}")

string(REPLACE "|" ";" include_dirs "${INCLUDES}")
list(REMOVE_DUPLICATES include_dirs)
set(flags -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Werror)
foreach(word slots signals emit foreach forever) # Qt's
  list(APPEND flags -D${word}=)
endforeach()
foreach(dir IN LISTS include_dirs)
  if(dir)
    list(APPEND flags -I${dir})
  endif()
endforeach()

execute_process(COMMAND ${COMPILER} ${flags} ${OUTPUT}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the public headers do not compile beside Qt's words, or warn:\n${output}")
endif()
