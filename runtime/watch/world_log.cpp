#include "runtime/watch/world_log.hpp"

#include <cairn/detail/change.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/json.hpp>

#include "runtime/threads/own_thread.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

namespace cairn {

std::string_view to_string(log_level level) noexcept {
  switch (level) {
    case log_level::off:
      return "off";
    case log_level::error:
      return "error";
    case log_level::warning:
      return "warning";
    case log_level::info:
      return "info";
    case log_level::debug:
      return "debug";
  }
  return "unknown";
}

} // namespace cairn

namespace cairn::runtime {

namespace {

/// Hands each line to the user's function, one at a time.
class function_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  function_sink(std::function<void(std::string_view)> take, std::atomic<std::uint64_t>& threw)
      : take_(std::move(take)), threw_(threw) {}

protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const own_thread here("the log's sink");
    detail::guard(
        [&] {
          take_({line.payload.data(), line.payload.size()});
        },
        [this](const std::string& /*thrown*/) { threw_.fetch_add(1, std::memory_order_relaxed); });
  }
  void flush_() override {}

private:
  std::function<void(std::string_view)> take_;
  std::atomic<std::uint64_t>& threw_;
};

spdlog::sink_ptr sink_for(const log_options& options, std::atomic<std::uint64_t>& threw) {
  if (options.sink) {
    return std::make_shared<function_sink>(options.sink, threw);
  }
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

spdlog::level::level_enum level_in_spdlog(log_level level) noexcept {
  switch (level) {
    case log_level::error:
      return spdlog::level::err;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::info:
      return spdlog::level::info;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::off:
      break;
  }
  return spdlog::level::off;
}

void put_text(std::string& line, std::string_view text) {
  if (!json::write_string(line, text)) {
    line += "\"(text that is not UTF-8)\"";
  }
}

void put_name(std::string& line, std::string_view name) {
  line += ",\"";
  line += name;
  line += "\":";
}

void put(std::string& line, const log_member& member) {
  if (const auto* number = std::get_if<std::uint64_t>(&member.value)) {
    put_name(line, member.name);
    line += std::to_string(*number);
  } else if (const auto text = std::get<std::string_view>(member.value); !text.empty()) {
    put_name(line, member.name);
    put_text(line, text);
  }
}

} // namespace

world_log::world_log(const log_options& options, time_source clock, tick_source ticks)
    : level_(options.level), clock_(std::move(clock)), ticks_(std::move(ticks)) {
  if (level_ == log_level::off) {
    return;
  }
  logger_ = std::make_unique<spdlog::logger>("cairn", sink_for(options, sink_threw_));
  logger_->set_level(level_in_spdlog(level_));
  logger_->set_pattern("%v"); // the line is made here
  logger_->set_error_handler([](const std::string& /*what*/) {});
}

world_log::~world_log() = default;

void world_log::write(log_level level, std::string_view event,
                      std::initializer_list<log_member> members) noexcept {
  if (!logger_ || !takes(level)) {
    return;
  }
  try {
    std::uint64_t suppressed = 0;
    if (!may_write(event, suppressed)) {
      return;
    }
    std::string line = "{\"time\":\"" + iso_time(clock_().time_since_epoch().count()) + '"';
    put(line, {"level", to_string(level)});
    put(line, {"event", event});
    for (const auto& member : members) {
      put(line, member);
    }
    if (suppressed > 0) {
      put(line, {"suppressed", suppressed});
    }
    line += '}';
    logger_->log(level_in_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {
    // It is a log: what cannot be written must not keep the world from its work.
  }
}

bool world_log::may_write(std::string_view event, std::uint64_t& suppressed) {
  const auto now = ticks_();
  const std::lock_guard lock(mutex_);
  auto found = allowances_.find(event);
  if (found == allowances_.end()) {
    found = allowances_.emplace(event, allowance{now, 0, 0}).first;
  }
  auto& allowed = found->second;
  if (now - allowed.since >= std::chrono::seconds(1)) {
    allowed.since = now;
    allowed.written = 0;
  }
  if (allowed.written == lines_per_second_max) {
    ++allowed.suppressed;
    return false;
  }
  ++allowed.written;
  suppressed = std::exchange(allowed.suppressed, 0);
  return true;
}

} // namespace cairn::runtime
