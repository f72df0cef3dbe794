#include "runtime/entity/explanation.hpp"

#include <cairn/detail/guard.hpp>

#include "entities/json/json_paths.hpp"
#include "persistence/commit/entity_slot.hpp"
#include "persistence/replay/recovery.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace cairn::runtime {

namespace {

/// Up to `bytes_max`, and one change at least.
status read_missed(const journal& source, std::string_view key, version_type from, version_type to,
                   std::size_t bytes_max, conflict_details& details) {
  status decoded;
  std::size_t bytes = 0;
  auto read = source.read(key, from, to, [&](const record& stored) {
    bytes += stored.body.size();
    if (bytes > bytes_max && !details.missed.empty()) {
      details.truncated = true;
      return false;
    }
    decoded = decode_change(stored, details.missed.emplace_back());
    return decoded.ok();
  });
  return read.ok() ? decoded : read;
}

/// Leaves the paths out when nothing existed at `version`, or when JSON cannot hold what did.
status find_paths(const journal& source, const entity_type& type, std::string_view key,
                  version_type version, std::string_view current_json, conflict_details& details) {
  std::unique_ptr<live_entity> then;
  if (auto recovered = persistence::recover_entity(source, type, key, version, then);
      !recovered.ok()) {
    return recovered;
  }
  if (!then->standing().exists()) {
    return {};
  }
  std::string observed_json;
  json::problem wrong;
  boost::json::value observed;
  boost::json::value current;
  if (!then->encode_state(observed_json, wrong)) {
    return {}; // the conflict is one all the same
  }
  if (!json::parse(observed_json, observed, wrong) || !json::parse(current_json, current, wrong)) {
    return {entity_errc::entity_error, std::string(key) + ": " + wrong.text()};
  }
  details.paths = differing_paths(observed, current);
  return {};
}

} // namespace

void explanation::give() {
  auto& given = asked->answer;
  if (!given.details) {
    given.details = std::make_shared<conflict_details>();
  }
  const auto& shows = asked->options->show;
  const version_type seen = asked->expected.version();
  const std::string& key = asked->slot->key();
  status read;
  const auto look = [&] {
    if (shows.missed) {
      const std::size_t most = host->rules_of_world().missed_changes_max;
      given.details->truncated = given.version - seen > most;
      read = read_missed(host->journal(), key, seen + 1,
                         given.details->truncated ? seen + most : given.version,
                         host->rules_of_world().missed_bytes_max, *given.details);
    }
    if (read.ok() && shows.paths) {
      read =
          find_paths(host->journal(), asked->slot->type(), key, seen, current_json, *given.details);
    }
  };
  detail::guard(look, [&](const std::string& thrown) { // the entity's own code
    read = {entity_errc::entity_error, "rebuilding " + key + " threw: " + thrown};
  });
  if (!read.ok()) {
    given = {};
    given.error = read.error;
    given.text = "the command conflicts, and what was missed cannot be read: " + read.message;
  }
  asked->finish();
}

explain_request::explain_request(explanation explained, std::uint64_t asked_in)
    : explained_(std::move(explained)) {
  what = verb::barrier;
  activation = asked_in;
  slot = explained_.asked->slot;
}

void explain_request::complete() noexcept {
  if (answer.error) { // what the conflict tells of is not in the journal
    explained_.asked->answer = std::move(answer);
    return explained_.asked->finish();
  }
  entity_host& host = *explained_.host;
  host.read_later([explained = std::move(explained_)]() mutable { explained.give(); });
}

} // namespace cairn::runtime
