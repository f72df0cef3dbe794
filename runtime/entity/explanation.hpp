#pragma once

#include <cairn/detail/request.hpp>

#include "runtime/entity/process.hpp"

#include <string>

namespace cairn::runtime {

/// A conflict that is to say what was missed: the past is read from the journal, on another thread, once
/// everything that it may tell of is durable.
struct explanation {
  detail::request_ptr asked;
  entity_host* host = nullptr;
  std::string current_json; ///< The state in the way; for the paths.

  /// Reads, fills in the details, and answers. A journal that cannot be read makes the answer a failure.
  void give();
};

/// Waits in the persistence line, then explains.
class explain_request final : public detail::request {
public:
  explain_request(explanation explained, std::uint64_t asked_in);
  void complete() noexcept override;

private:
  explanation explained_;
};

} // namespace cairn::runtime
