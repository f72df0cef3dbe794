#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/request.hpp>

#include "entities/id_window.hpp"
#include "runtime/entity/process.hpp"

#include <string_view>

namespace cairn::runtime {

/// Reads the change that a command id is known from, where the entity no longer has the first answer in memory.
/// `known` names version, id and, of one of long ago, the asking command's content.
/// Thread: a loading one.
/// Errors: `command_id_reused` when that was another command; those of the journal.
status read_first_answer(const journal& source, std::string_view entity,
                         const remembered_command& known, change& first);

/// Completes the answer to a duplicate with what `read_first_answer` finds, and gives it.
/// Thread: a loading one.
void give_first_answer(detail::request& asked, entity_host& host);

/// Has that done once everything before it in the persistence line has met its fate.
class first_answer_request final : public detail::request {
public:
  first_answer_request(detail::request_ptr asked, entity_host& host, std::uint64_t decided_in);

  void complete() noexcept override;

private:
  detail::request_ptr asked_;
  entity_host& host_;
};

} // namespace cairn::runtime
