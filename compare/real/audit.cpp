#include "compare/real/audit.hpp"

#include <cairn/journal.hpp>
#include <cairn/json.hpp>

#include <algorithm>
#include <string>

namespace cairn::compare {

namespace {

/// Adds up what the states still hold. Errors: `problem` is set.
std::int64_t tally_of(const subject& on, const std::vector<replayed_entity>& states,
                      std::string& problem) {
  std::int64_t sum = 0;
  for (const auto& one : states) {
    const auto state = on.type().make_state();
    boost::json::value value;
    json::problem wrong;
    if (!json::parse(one.state_json, value, wrong) ||
        !on.type().decode_state(value, state.get(), wrong)) {
      problem = one.entity + ": its replayed state does not decode: " + wrong.text();
      return 0;
    }
    sum += on.tally(state.get());
  }
  return sum;
}

std::string difference(std::vector<served_entity> served,
                       const std::vector<replayed_entity>& replayed) {
  std::sort(served.begin(), served.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  if (served.size() != replayed.size()) {
    return std::to_string(served.size()) + " entities were served, " +
           std::to_string(replayed.size()) + " were replayed";
  }
  for (std::size_t i = 0; i < served.size(); ++i) {
    if (served[i].key != replayed[i].entity || served[i].version != replayed[i].version ||
        served[i].state_json != replayed[i].state_json) {
      return served[i].key + " does not replay to what was served";
    }
  }
  return {};
}

} // namespace

audit audit_run(const subject& on, const std::vector<served_entity>& served,
                const cairn::journal& kept, std::uint64_t told_accepted) {
  audit found;
  replay_request request;
  request.types = {&on.type()};
  replay_report replayed;
  if (const auto read = replay_journal(kept, request, replayed); !read.ok()) {
    found.problem = read.message;
    return found;
  }
  found.problem = difference(served, replayed.entities);
  if (!found.problem.empty()) return found;
  if (kept.end().next != told_accepted) {
    found.problem = "clients were told of " + std::to_string(told_accepted) +
                    " accepted commands, the journal holds " + std::to_string(kept.end().next) +
                    " changes";
    return found;
  }
  found.lost =
      static_cast<std::int64_t>(told_accepted) - tally_of(on, replayed.entities, found.problem);
  return found;
}

} // namespace cairn::compare
