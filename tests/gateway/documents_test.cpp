// The curl lines of docs/http.md, run in their order against the program.
#include "gateway/http/routes.hpp"
#include "tests/gateway/served.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct step {
  std::string command;
  std::string expected;
};

std::string document() {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/docs/http.md");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<step> steps_in(const std::string& text) {
  std::vector<step> steps;
  std::istringstream lines(text);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```console";
    } else if (inside && line.starts_with("$ ")) {
      steps.push_back({line.substr(2), ""});
    } else if (inside) {
      steps.back().expected += line;
    }
  }
  return steps;
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             &::pclose);
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe.get())) != 0;) {
    text.append(part.data(), n);
  }
  return text;
}

} // namespace

TEST(GatewayDocuments, TheCurlLinesAnswerWhatTheySay) {
  ASSERT_NE(output_of("curl --version"), "") << "curl is missing: scripts/bootstrap installs it";
  served server({"--memory"});
  ASSERT_NE(server.port(), 0);
  const auto steps = steps_in(document());
  ASSERT_GT(steps.size(), 15U);
  for (const auto& [command, expected] : steps) {
    const auto at_port = std::regex_replace(command, std::regex("127\\.0\\.0\\.1:7070"),
                                            "127.0.0.1:" + std::to_string(server.port()));
    const auto got =
        std::regex_replace(output_of(at_port), std::regex("\"time\":\"[^\"]*\""), "\"time\":\"T\"");
    EXPECT_EQ(got, expected) << command;
  }
}

TEST(GatewayDocuments, EveryRouteIsInTheTableAndNoOther) {
  const auto text = document();
  std::size_t documented = 0;
  for (auto at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1)) {
    const auto method = text.substr(at + 4, text.find_first_of(" `", at + 4) - at - 4);
    documented += method == "GET" || method == "POST" || method == "DELETE" ? 1 : 0;
  }
  EXPECT_EQ(documented, cairn::http::routes().size());
  for (const auto& known : cairn::http::routes()) {
    const auto row = "| `" + std::string(known.method) + ' ' + std::string(known.path) + "` |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}
