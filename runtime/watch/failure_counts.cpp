#include "runtime/watch/failure_counts.hpp"

#include "runtime/watch/world_log.hpp"

namespace cairn::runtime {

namespace {

/// Errors count from 1. Nothing: it is none of the first `most`.
std::size_t place_of(int value, std::size_t most) noexcept {
  const auto place = static_cast<std::size_t>(value) - 1;
  return place < most ? place : most;
}

struct log_line {
  log_level level;
  std::string_view event;
};

/// What a failure is to whoever runs the program: a mistake of a client is nothing to wake up for.
log_line line_for(const std::error_code& error) noexcept {
  if (error == entity_errc::entity_error) {
    return {log_level::error, "entity_error"};
  }
  if (error == journal_errc::damaged || error == journal_errc::unknown_format ||
      error == entity_errc::unknown_event || error == entity_errc::invalid_event) {
    return {log_level::error, "unreadable"};
  }
  if (error == journal_errc::fenced) {
    return {log_level::warning, "fenced"};
  }
  if (error == runtime_errc::overloaded) {
    return {log_level::warning, "overloaded"};
  }
  return {log_level::debug, "failed"};
}

} // namespace

void failure_counts::failed(std::string_view entity, const std::error_code& error,
                            std::string_view text) noexcept {
  counts_[index_of(error)].fetch_add(1, std::memory_order_relaxed);
  const auto line = line_for(error);
  if (log_.takes(line.level)) {
    log_.write(line.level, line.event,
               {{"entity", entity}, {"error", error_word(error)}, {"message", text}});
  }
}

std::size_t failure_counts::index_of(const std::error_code& error) noexcept {
  const auto& category = error.category();
  std::size_t before = 0;
  std::size_t most = 0;
  if (category == entity_category()) {
    most = entity_errors;
  } else if (category == journal_category()) {
    before = entity_errors;
    most = journal_errors;
  } else if (category == runtime_category()) {
    before = entity_errors + journal_errors;
    most = runtime_errors;
  }
  const std::size_t place = place_of(error.value(), most);
  return place < most ? before + place : other;
}

std::string failure_counts::word(std::size_t index) {
  if (index == other) {
    return "other";
  }
  if (index < entity_errors) {
    return error_word({static_cast<int>(index) + 1, entity_category()});
  }
  index -= entity_errors;
  if (index < journal_errors) {
    return error_word({static_cast<int>(index) + 1, journal_category()});
  }
  index -= journal_errors;
  return error_word({static_cast<int>(index) + 1, runtime_category()});
}

} // namespace cairn::runtime
