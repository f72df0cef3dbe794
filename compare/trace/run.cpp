#include "compare/trace/run.hpp"

#include <cairn/journal.hpp>
#include <cairn/json.hpp>
#include <cairn/world.hpp>

#include "compare/trace/document.hpp"

#include <optional>
#include <utility>

namespace cairn::compare {

namespace {

/// The document of a session, and how one strategy gets an edit into it.
class editor {
public:
  editor(entity_ref<text_document> document, trace_result& counts)
      : document_(std::move(document)), counts_(&counts) {}
  virtual ~editor() = default;

  /// `lands_as_meant`: its position is still the right one.
  /// Errors: false, and the counts say why.
  virtual bool send(const trace_edit& edit, bool lands_as_meant) = 0;

protected:
  static text_document::edit as_command(const trace_edit& edit, bool with_seen) {
    text_document::edit command;
    command.author = edit.author;
    for (const auto& one : edit.patches) {
      command.changes.push_back({one.position, one.erased, one.inserted});
    }
    if (with_seen) command.seen = edit.seen;
    return command;
  }

  /// False: neither accepted nor rejected.
  template <class Outcome>
  bool settle(const Outcome& ended) {
    if (ended) {
      ++counts_->accepted;
    } else if (ended.rejected() != nullptr) {
      ++counts_->rejected;
    } else {
      counts_->error = ended.failed() != nullptr ? ended.failed()->message : "another refusal";
      return false;
    }
    return true;
  }

  entity_ref<text_document> document_;
  trace_result* counts_;
};

class unchecked_editor final : public editor {
public:
  using editor::editor;
  bool send(const trace_edit& edit, bool lands_as_meant) override {
    const auto ended = document_.send(as_command(edit, false)).get();
    if (ended && !lands_as_meant) ++counts_->elsewhere;
    return settle(ended);
  }
};

class optimistic_editor : public editor {
public:
  using editor::editor;
  bool send(const trace_edit& edit, bool /*lands_as_meant*/) override {
    const auto ended = document_.send(as_command(edit, false), at(edit.observed)).get();
    if (ended.conflict() == nullptr) return settle(ended);
    ++counts_->refused_at_first;
    const auto now = document_.read().get();
    if (!now) {
      counts_->error = now.failure->message;
      return false;
    }
    return send_again(edit, now.state, now.version);
  }

protected:
  /// Where the author finds the place on the text of now.
  bool send_again(const trace_edit& edit, const text_document& now, version_type version) {
    const auto places = now.find_places(as_command(edit, true));
    if (!places) {
      ++counts_->rejected;
      return true;
    }
    const auto again = document_.send(text_document::put{edit.author, *places}, at(version)).get();
    if (again) ++counts_->retried;
    return settle(again);
  }
};

/// The same, on the text that the conflict brought.
class informed_editor final : public optimistic_editor {
public:
  using optimistic_editor::optimistic_editor;
  bool send(const trace_edit& edit, bool /*lands_as_meant*/) override {
    send_options options;
    options.show.state = true;
    const auto ended =
        document_.send(as_command(edit, false), at(edit.observed), std::move(options)).get();
    const auto* met = ended.conflict();
    if (met == nullptr) return settle(ended);
    ++counts_->refused_at_first;
    const auto* now = met->state<text_document>();
    if (now == nullptr) {
      counts_->error = "the conflict brought no state";
      return false;
    }
    return send_again(edit, *now, met->actual);
  }
};

class merging_editor final : public editor {
public:
  using editor::editor;
  bool send(const trace_edit& edit, bool /*lands_as_meant*/) override {
    const auto ended = document_.send(as_command(edit, true), at(edit.observed)).get();
    if (ended.conflict() != nullptr) {
      ++counts_->refused_at_first;
      return true;
    }
    if (ended && ended.accepted()->merged) ++counts_->merged;
    return settle(ended);
  }
};

/// For each edit: would it land where its author meant it, if its position were taken as it is?
std::vector<bool> find_landings(const trace_session& session) {
  std::vector<bool> as_meant;
  text_document shadow;
  for (const auto& edit : session.edits) {
    text_document::edit command{edit.author, {}, edit.seen};
    for (const auto& one : edit.patches) {
      command.changes.push_back({one.position, one.erased, one.inserted});
    }
    const auto meant = shadow.find_places(command);
    command.seen.reset();
    const auto taken = shadow.find_places(command);
    const auto position = [&](const auto& places) {
      return places->empty() ? 0U : shadow.position_of(places->front().place);
    };
    as_meant.push_back(meant && taken && position(meant) == position(taken));
    if (meant) shadow.apply(text_document::changed{edit.author, *meant});
  }
  return as_meant;
}

/// The journal's state of the document against what it serves, and the text against the recorded one.
void conclude(const world& in, const entity_ref<text_document>& document,
              const trace_session& session, trace_result& counts) {
  const auto served = document.read().get();
  replay_request request;
  request.types = {&type_descriptor<text_document>()};
  request.entity = document.key();
  replay_report replayed;
  if (const auto read = replay_journal(in.journal(), request, replayed); !read.ok()) {
    counts.error = read.message;
    return;
  }
  std::string json;
  json::problem wrong;
  if (!served || !json::encode(json, served.state, wrong) || replayed.entities.size() != 1 ||
      replayed.entities.front().state_json != json ||
      replayed.entities.front().version != counts.accepted) {
    counts.error = "the journal does not replay to what was served";
  }
  counts.ends_as_recorded = served && served.state.text() == session.end_content;
}

template <class Editor>
trace_result run_editor(const char* strategy, const trace_session& session,
                        const std::vector<bool>& as_meant,
                        const std::function<bool()>& interrupted) {
  trace_result counts;
  counts.strategy = strategy;
  world in;
  in.host<text_document>();
  const auto document = in.entity<text_document>("session");
  Editor author(document, counts);
  for (const auto& edit : session.edits) {
    if (interrupted && interrupted()) {
      counts.error = "interrupted";
      return counts;
    }
    if (!author.send(edit, as_meant[counts.edits])) return counts;
    ++counts.edits;
  }
  conclude(in, document, session, counts);
  return counts;
}

} // namespace

std::vector<trace_result> run_session(const trace_session& session,
                                      const std::function<bool()>& interrupted) {
  const auto as_meant = find_landings(session);
  return {run_editor<unchecked_editor>("single-writer", session, as_meant, interrupted),
          run_editor<optimistic_editor>("optimistic", session, as_meant, interrupted),
          run_editor<informed_editor>("optimistic-informed", session, as_meant, interrupted),
          run_editor<merging_editor>("merge", session, as_meant, interrupted)};
}

} // namespace cairn::compare
