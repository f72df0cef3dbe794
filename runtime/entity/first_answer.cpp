#include "runtime/entity/first_answer.hpp"

#include "persistence/commit/entity_slot.hpp"

#include <string>
#include <utility>

namespace cairn::runtime {

status read_first_answer(const journal& source, std::string_view entity,
                         const remembered_command& known, change& first) {
  status decoded{journal_errc::damaged, "there is no such change"};
  const auto read = source.read(entity, known.version, known.version, [&](const record& stored) {
    decoded = decode_change(stored, first);
    return false;
  });
  const status& why = read.ok() ? decoded : read;
  const std::string about = "command id \"" + known.id + "\" is known to " + std::string(entity) +
                            " from version " + std::to_string(known.version);
  if (!why.ok()) {
    return {why.error, about + ", and its first answer cannot be read: " + why.message};
  }
  if (first.cause.id != known.id || first.cause.content != known.content) {
    return {entity_errc::command_id_reused, about + ", from another command or other arguments"};
  }
  return {};
}

void give_first_answer(detail::request& asked, entity_host& host) {
  auto& given = asked.answer;
  change first;
  const status read =
      read_first_answer(host.journal(), asked.slot->key(), *asked.remembered, first);
  if (read.ok()) {
    given.position = first.position;
    given.merged = first.cause.merged;
    given.text = std::move(first.cause.reply).value_or("");
  } else {
    given = {};
    given.error = read.error;
    given.text = read.message;
  }
  asked.finish();
}

first_answer_request::first_answer_request(detail::request_ptr asked, entity_host& host,
                                           std::uint64_t decided_in)
    : asked_(std::move(asked)), host_(host) {
  what = verb::barrier;
  activation = decided_in;
  slot = asked_->slot;
}

void first_answer_request::complete() noexcept {
  if (answer.error) { // what came before it is not in the journal
    asked_->answer = std::move(answer);
    return asked_->finish();
  }
  host_.read_later([asked = std::move(asked_), &host = host_] { give_first_answer(*asked, host); });
}

} // namespace cairn::runtime
