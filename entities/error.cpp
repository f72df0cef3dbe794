#include <cairn/detail/outcome.hpp>
#include <cairn/error.hpp>

namespace cairn {

namespace {

/// Messages are the stable words that replies and logs carry.
class entity_error_category final : public std::error_category {
public:
  const char* name() const noexcept override { return "cairn.entity"; }
  std::string message(int value) const override {
    switch (static_cast<entity_errc>(value)) {
      case entity_errc::entity_error:
        return "entity_error";
      case entity_errc::command_id_reused:
        return "command_id_reused";
      case entity_errc::unknown_type:
        return "unknown_type";
      case entity_errc::unknown_command:
        return "unknown_command";
      case entity_errc::unknown_event:
        return "unknown_event";
      case entity_errc::invalid_event:
        return "invalid_event";
      case entity_errc::invalid_command:
        return "invalid_command";
      case entity_errc::lease_lost:
        return "lease_lost";
      case entity_errc::invalid_entity:
        return "invalid_entity";
    }
    return "unknown";
  }
};

class journal_error_category final : public std::error_category {
public:
  const char* name() const noexcept override { return "cairn.journal"; }
  std::string message(int value) const override {
    switch (static_cast<journal_errc>(value)) {
      case journal_errc::store_failed:
        return "store_failed";
      case journal_errc::fenced:
        return "fenced";
      case journal_errc::too_large:
        return "too_large";
      case journal_errc::damaged:
        return "damaged";
      case journal_errc::unknown_format:
        return "unknown_format";
      case journal_errc::not_a_journal:
        return "not_a_journal";
      case journal_errc::locked:
        return "locked";
      case journal_errc::cannot_open:
        return "cannot_open";
      case journal_errc::read_only:
        return "read_only";
      case journal_errc::no_such_version:
        return "no_such_version";
      case journal_errc::exists_already:
        return "exists_already";
      case journal_errc::ahead:
        return "ahead";
    }
    return "unknown";
  }
};

class runtime_error_category final : public std::error_category {
public:
  const char* name() const noexcept override { return "cairn.runtime"; }
  std::string message(int value) const override {
    switch (static_cast<runtime_errc>(value)) {
      case runtime_errc::overloaded:
        return "overloaded";
      case runtime_errc::shutting_down:
        return "shutting_down";
      case runtime_errc::would_block:
        return "would_block";
    }
    return "unknown";
  }
};

} // namespace

const std::error_category& entity_category() noexcept {
  // Threads may outlive main: never destroyed. Out of memory here, nothing is left to be done.
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
  static const auto& category = *new const entity_error_category;
  return category;
}

const std::error_category& journal_category() noexcept {
  // Threads may outlive main: never destroyed. Out of memory here, nothing is left to be done.
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
  static const auto& category = *new const journal_error_category;
  return category;
}

const std::error_category& runtime_category() noexcept {
  // Threads may outlive main: never destroyed. Out of memory here, nothing is left to be done.
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
  static const auto& category = *new const runtime_error_category;
  return category;
}

std::error_code make_error_code(entity_errc error) noexcept {
  return {static_cast<int>(error), entity_category()};
}

std::error_code make_error_code(journal_errc error) noexcept {
  return {static_cast<int>(error), journal_category()};
}

std::error_code make_error_code(runtime_errc error) noexcept {
  return {static_cast<int>(error), runtime_category()};
}

std::string error_word(const std::error_code& error) { return error.message(); }

std::string_view to_string(conflict_kind kind) noexcept {
  switch (kind) {
    case conflict_kind::stale:
      return "stale";
    case conflict_kind::ahead:
      return "ahead";
    case conflict_kind::exists:
      return "exists";
    case conflict_kind::absent:
      return "absent";
    case conflict_kind::deleted:
      return "deleted";
    case conflict_kind::leased:
      return "leased";
  }
  return "unknown";
}

} // namespace cairn
