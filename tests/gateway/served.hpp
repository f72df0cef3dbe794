#pragma once

#include "tests/support/process_child.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// `cairn serve` on any port that is free.
class served {
public:
  explicit served(const std::vector<std::string>& more)
      : child_(std::filesystem::path(CAIRN_BINARY_DIR) / "cairn", with(more)) {
    const auto line = child_.read_line().value_or("");
    const std::string mark = "{\"port\":";
    if (line.starts_with(mark))
      port_ = static_cast<std::uint16_t>(std::stoi(line.substr(mark.size())));
  }

  std::uint16_t port() const noexcept { return port_; }
  process_child& child() noexcept { return child_; }

private:
  static process_options with(const std::vector<std::string>& more) {
    process_options options;
    options.arguments = {"serve", "--listen", "127.0.0.1:0"};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    return options;
  }

  process_child child_;
  std::uint16_t port_ = 0;
};
