#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

std::filesystem::path cairn_program() { return std::filesystem::path(CAIRN_BINARY_DIR) / "cairn"; }

process_options exec_with(std::vector<std::string> arguments) {
  process_options options;
  options.arguments = {"exec"};
  if (std::find(arguments.begin(), arguments.end(), "--data") == arguments.end()) {
    options.arguments.emplace_back("--memory");
  }
  std::move(arguments.begin(), arguments.end(), std::back_inserter(options.arguments));
  return options;
}

void expect_dialogue(const std::vector<exec_step>& steps, std::vector<std::string> arguments) {
  std::string input;
  bool invalid = false;
  for (const auto& step : steps) {
    input += step.request + '\n';
    invalid = invalid || step.reply.find("\"invalid\":") != std::string::npos;
  }
  const auto result = run_process(cairn_program(), exec_with(std::move(arguments)), input);
  ASSERT_EQ(result.lines.size(), steps.size()) << joined(result.lines) << result.errors;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(without_messages(result.lines[i]), steps[i].reply)
        << "request " << steps[i].request.substr(0, 200) << "\nreply "
        << result.lines[i].substr(0, 400);
  }
  EXPECT_EQ(result.status, invalid ? 1 : 0) << result.errors;
}

void expect_invalid(const std::vector<blamed>& cases) {
  std::vector<exec_step> steps;
  int version = 0;
  const auto add_valid = [&] {
    ++version;
    steps.push_back({add_line("counter/valid", 1), R"({"accepted":{"version":)" +
                                                       std::to_string(version) + R"(,"position":)" +
                                                       std::to_string(version - 1) + "}}"});
  };
  add_valid();
  for (const auto& [line, path] : cases) {
    steps.push_back({line, R"({"ref":1,"invalid":{"path":")" + path + R"(","message":"M"}})"});
    add_valid();
  }
  expect_dialogue(steps);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

std::string add_line(std::string_view entity, int n, std::string_view more) {
  return R"({"do":"send","entity":")" + std::string(entity) + R"(","command":"add","args":{"n":)" +
         std::to_string(n) + "}" + std::string(more) + "}";
}

std::string read_line_of(std::string_view entity) {
  return R"({"do":"read","entity":")" + std::string(entity) + R"("})";
}
