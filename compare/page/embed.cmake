# Run with cmake -P. Writes OUTPUT, a C++ file that holds the bytes of each of FILES (name=path, separated by `|`).
# Numbers, since a compiler need not take a text literal of more than 65,536 characters.
set(text "#include \"compare/report/page_text.hpp\"\n\nnamespace cairn::compare {\n\nnamespace {\n")
string(REPLACE "|" ";" files "${FILES}")
set(functions "")
foreach(one IN LISTS files)
  string(REGEX MATCH "^([a-z_]+)=(.+)$" ignored "${one}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "\nconstexpr unsigned char ${name}[] = {${bytes}};\n")
  string(APPEND functions
    "\nstd::string_view page_text::${name}() {\n  return {reinterpret_cast<const char*>(compare::${name}), sizeof(compare::${name})};\n}\n")
endforeach()
file(WRITE ${OUTPUT} "${text}\n} // namespace\n${functions}\n} // namespace cairn::compare\n")
