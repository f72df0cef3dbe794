#include <cairn/detail/tools/replay.hpp>

#include "persistence/replay/recovery.hpp"
#include "persistence/replay/replay_all.hpp"
#include "persistence/replay/replay_entities.hpp"

#include <algorithm>

namespace cairn {

namespace {

using persistence::expected_states;
using persistence::replayed_entities;

status invalid(const char* what) {
  return {std::make_error_code(std::errc::invalid_argument), what};
}

status check_request(const replay_request& request) {
  const int limits =
      (request.version ? 1 : 0) + (request.position ? 1 : 0) + (request.time_us ? 1 : 0);
  if (limits > 1)
    return invalid("a replay ends at a version, a position or a time, not at two of them");
  if (request.version && request.entity.empty())
    return invalid("a version is one of an entity: name it");
  if (request.entity.empty()) return {};
  if (auto problem = entity_key_problem(request.entity); !problem.empty())
    return {entity_errc::invalid_entity, std::move(problem)};
  const auto* const type = persistence::find_type(request.types, type_of(request.entity));
  if (type != nullptr && type->is_retired()) {
    return {entity_errc::unknown_type,
            "the type " + type->name + " is retired: nobody knows any more what its events did"};
  }
  if (type != nullptr) return {};
  return {entity_errc::unknown_type,
          "this program does not know the type " + std::string(type_of(request.entity))};
}

/// Where to stop: behind the unit of the position, or at the journal's end.
status find_end(const journal& source, const replay_request& request, position_type& end) {
  end = source.end().next;
  if (!request.position) return {};
  if (*request.position >= end) {
    return {journal_errc::no_such_version,
            end == 0 ? std::string("the journal is empty")
                     : "the journal ends at position " + std::to_string(end - 1) +
                           "; there is no position " + std::to_string(*request.position)};
  }
  return source.scan(*request.position, [&](const record& first) {
    end = first.position - first.unit_index + first.unit_size;
    return false;
  });
}

/// Is the change in time? A unit is, or is not, as a whole: its first change tells.
status check_time(const journal& source, const record& at, std::int64_t time_us, bool& in_time) {
  in_time = at.time_us <= time_us;
  if (in_time || at.unit_index == 0) return {};
  return source.scan(at.position, [&](const record& first) {
    in_time = first.time_us <= time_us;
    return false;
  });
}

/// The version of the entity at the end of the replay.
status find_version(const journal& source, const replay_request& request, position_type end,
                    version_type& version) {
  head stands;
  if (auto failure = source.find_head(request.entity, stands); !failure.ok()) return failure;
  version = stands.version;
  if (request.version && *request.version > stands.version) {
    return {
        journal_errc::no_such_version,
        request.entity + (stands.version == 0
                              ? std::string(" never existed")
                              : " is at version " + std::to_string(stands.version) +
                                    "; there is no version " + std::to_string(*request.version))};
  }
  if (request.version) version = *request.version;
  if (!request.position && !request.time_us) return {};
  version = 0;
  status failure;
  auto read = source.read(request.entity, 1, stands.version, [&](const record& next) {
    bool in_time = next.position < end;
    if (in_time && request.time_us) failure = check_time(source, next, *request.time_us, in_time);
    if (in_time && failure.ok()) version = next.version;
    return in_time && failure.ok();
  });
  return failure.ok() ? std::move(read) : std::move(failure);
}

status recover(const journal& source, const replay_request& request, version_type version,
               replay_report& report) {
  const auto* type = persistence::find_type(request.types, type_of(request.entity));
  std::unique_ptr<live_entity> recovered;
  if (auto failure =
          persistence::recover_guarded(source, *type, request.entity, version, recovered);
      !failure.ok())
    return failure;
  auto& done = report.entities.emplace_back();
  done.entity = request.entity;
  done.version = version;
  done.removed = recovered->standing().removed;
  json::problem wrong;
  if (recovered->standing().exists() && !recovered->encode_state_guarded(done.state_json, wrong)) {
    done.state_json.clear();
    done.problem = "the state has no JSON: " + wrong.text();
  }
  return {};
}

status replay_and_compare(const journal& source, const replay_request& request,
                          version_type version, replay_report& report) {
  const auto* type = persistence::find_type(request.types, type_of(request.entity));
  expected_states expected;
  if (auto failure = expected.load(source, request.types, request.entity); !failure.ok())
    return failure;
  replayed_entities entities(&expected);
  status applied;
  auto read = source.read(request.entity, 1, version, [&](const record& next) {
    applied = entities.apply(next, *type);
    return applied.ok();
  });
  if (!read.ok() || !applied.ok()) return read.ok() ? std::move(applied) : std::move(read);
  report.changes = entities.applied();
  report.compared = entities.compared();
  report.skipped = expected.skipped();
  report.divergence = entities.divergence();
  return entities.finish(report.entities);
}

} // namespace

status replay_journal(const journal& source, const replay_request& request, replay_report& report) {
  report = {};
  if (auto failure = check_request(request); !failure.ok()) return failure;
  position_type end = 0;
  if (auto failure = find_end(source, request, end); !failure.ok()) return failure;
  if (request.entity.empty()) return persistence::replay_all(source, request, end, report);
  report.end = end;
  version_type version = 0;
  if (auto failure = find_version(source, request, end, version); !failure.ok()) return failure;
  return request.verify && version > 0 ? replay_and_compare(source, request, version, report)
                                       : recover(source, request, version, report);
}

} // namespace cairn
