#pragma once

#include "tests/support/process_child.hpp"
#include "tests/support/reply_text.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// A request and the reply that is expected to it; `"M"` stands for any message and `"T"` for any
/// time.
struct exec_step {
  std::string request;
  std::string reply;
};

/// The program `cairn`.
std::filesystem::path cairn_program();

/// `cairn exec` with these arguments, in memory unless they name a directory.
process_options exec_with(std::vector<std::string> arguments = {});

/// Sends all requests and compares their replies one by one. The exit status must be 1 when a reply
/// says `invalid`, else 0.
void expect_dialogue(const std::vector<exec_step>& steps, std::vector<std::string> arguments = {});

/// An invalid line and the path that is blamed; it has the ref 1.
struct blamed {
  std::string line;
  std::string path;
};

/// Sends each line between two valid ones, which go on undisturbed.
void expect_invalid(const std::vector<blamed>& cases);

/// Lines, each with its end.
std::string joined(const std::vector<std::string>& lines);

/// `{"do":"send","entity":ENTITY,"command":"add","args":{"n":N}MORE}`
std::string add_line(std::string_view entity, int n, std::string_view more = {});

/// `{"do":"read","entity":ENTITY}`
std::string read_line_of(std::string_view entity);
