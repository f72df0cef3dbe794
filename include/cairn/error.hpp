#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace cairn {

/// What can go wrong in the model, apart from refusals, which are outcomes of their own.
enum class entity_errc {
  entity_error = 1,  ///< The entity's own code threw, or recorded what JSON cannot hold.
  command_id_reused, ///< The command id is known with another command or other arguments.
  unknown_type,      ///< No hosted entity type has this name.
  unknown_command,   ///< The entity type has no command of this name.
  unknown_event,     ///< The journal holds an event that the entity type does not know.
  invalid_event,     ///< The journal holds an event that does not decode.
  invalid_command,   ///< The command's id or meta is not UTF-8.
  lease_lost,        ///< The lease is unknown, has expired, or is of another entity.
  invalid_entity,    ///< The entity id is empty, too long, not UTF-8 or has control characters.
};

/// What can go wrong between an accepted command and its durable change.
enum class journal_errc {
  store_failed = 1, ///< A write or sync failed; the store has stopped.
  fenced,           ///< Somebody else has written to the entity: this activation has ended.
  too_large,        ///< The change is larger than `change_bytes_max`.
  damaged,          ///< The stored bytes contradict themselves or the witness.
  unknown_format,   ///< Written by a version of Cairn that this one does not know.
  not_a_journal,    ///< The directory holds something else.
  locked,           ///< Another process holds the directory.
  cannot_open,      ///< The directory cannot be opened, read or created.
  read_only,        ///< The journal was opened for reading.
  no_such_version,  ///< The entity has not reached this version.
  exists_already,   ///< The target of an import or backup is not empty.
  ahead, ///< A reader has seen what this journal does not hold: another lineage, or lost data.
};

/// What can go wrong in the running world.
enum class runtime_errc {
  overloaded = 1, ///< A limit of the world is reached; nothing was done.
  shutting_down,  ///< The world is closing, or closed; nothing was done.
  would_block,    ///< The call waits, and this is a thread that others wait for; nothing was done.
};

/// What is known of a write that failed.
enum class fate : std::uint8_t {
  not_written, ///< It is not in the journal and never will be.
  in_doubt,    ///< It may or may not be there after reopening.
};

/// Stable word of an error of ours, e.g. `overloaded`; for other categories their message.
std::string error_word(const std::error_code& error);

const std::error_category& entity_category() noexcept;
const std::error_category& journal_category() noexcept;
const std::error_category& runtime_category() noexcept;

std::error_code make_error_code(entity_errc error) noexcept;
std::error_code make_error_code(journal_errc error) noexcept;
std::error_code make_error_code(runtime_errc error) noexcept;

/// Success, or an error with a text that names the thing and its place.
struct [[nodiscard]] status {
  std::error_code error;
  std::string message;

  bool ok() const noexcept { return !error; }
};

/// Thrown by what starts things up: opening a journal, building a world, hosting a type.
class startup_error : public std::system_error {
public:
  startup_error(std::error_code error, const std::string& message)
      : std::system_error(error, message), message_(message) {}

  /// The text without the error word that `what()` appends.
  const std::string& message() const noexcept { return message_; }

private:
  std::string message_;
};

} // namespace cairn

namespace std {

template <>
struct is_error_code_enum<cairn::entity_errc> : true_type {};
template <>
struct is_error_code_enum<cairn::journal_errc> : true_type {};
template <>
struct is_error_code_enum<cairn::runtime_errc> : true_type {};

} // namespace std
