#include <cairn/detail/by_name/any_transaction.hpp>

#include "entities/live_entity.hpp"
#include "entities/text.hpp"

namespace cairn {

namespace {

/// Text from outside may be anything; JSON takes UTF-8 only.
void write_text(std::string& out, std::string_view text) {
  if (!json::write_string(out, text)) {
    json::write_string(out, text_for_people(std::string(text)));
  }
}

/// Appends `name`, which ends in the bracket, and each item by `write`.
template <class Items, class Write>
void write_list(std::string& out, std::string_view name, const Items& items, Write write) {
  out += name;
  for (const auto& item : items) {
    if (&item != &*items.begin()) {
      out += ',';
    }
    write(out, item);
  }
  out += ']';
}

/// What was asked for and is not there is left out: nothing was missed, nothing existed at the expected version.
void write_shown(std::string& out, const conflict_details& details) {
  if (!details.missed.empty() || details.truncated) {
    write_list(out, ",\"missed\":[", details.missed, &write_history_json);
    out += details.truncated ? ",\"truncated\":true" : ",\"truncated\":false";
  }
  if (details.paths) {
    write_list(out, ",\"paths\":[", *details.paths, &write_text);
  }
  if (details.type != nullptr) {
    const std::size_t before = out.size();
    out += ",\"state\":";
    json::problem wrong;
    if (!details.state) {
      out += "null";
    } else if (!encode_state_guarded(*details.type, out, details.state.get(), wrong)) {
      out.resize(before); // JSON cannot hold it, or its own code threw
    }
  }
}

void write_conflict_members(std::string& out, const conflict& met) {
  out += "\"entity\":";
  write_text(out, met.entity);
  out.append(",\"kind\":\"").append(to_string(met.kind)).append("\",\"expected\":");
  write_expectation_json(out, met.expected);
  out += ",\"actual\":";
  json::write_unsigned(out, met.actual);
  if (!met.details) {
    return;
  }
  if (met.kind == conflict_kind::leased) {
    out += ",\"left_ms\":";
    json::write_integer(out, met.details->left.count());
  }
  if (!met.details->aspects.empty()) {
    write_list(out, ",\"aspects\":[", met.details->aspects, &write_text);
  }
  write_shown(out, *met.details);
}

void write_accepted(std::string& out, const answer& given) {
  out += "\"accepted\":{\"version\":";
  json::write_unsigned(out, given.version);
  if (given.position != no_position) {
    out += ",\"position\":";
    json::write_unsigned(out, given.position);
  }
  if (given.merged) {
    out += ",\"merged\":true";
  }
  if (given.duplicate) {
    out += ",\"duplicate\":true";
  }
  if (!given.text.empty()) {
    out += ",\"reply\":";
    out += given.text;
  }
  out += '}';
}

void write_rejected(std::string& out, std::string_view reason) {
  out += "\"rejected\":{\"reason\":";
  write_text(out, reason);
  out += '}';
}

void write_accepted_item(std::string& out, const accepted_item& item) {
  out += "{\"version\":";
  json::write_unsigned(out, item.version);
  if (item.merged) {
    out += ",\"merged\":true";
  }
  if (!item.reply_json.empty()) {
    out += ",\"reply\":" + item.reply_json;
  }
  out += '}';
}

void write_accepted_items(std::string& out, const transaction_accepted& done) {
  write_list(out, "\"accepted\":{\"items\":[", done.items, &write_accepted_item);
  if (done.position) {
    out += ",\"position\":";
    json::write_unsigned(out, *done.position);
  }
  if (done.duplicate) {
    out += ",\"duplicate\":true";
  }
  out += '}';
}

void write_refused_item(std::string& out, const refused_item& item) {
  out += "{\"index\":";
  json::write_unsigned(out, item.index);
  out += ',';
  if (item.conflict) {
    write_conflict_members(out, *item.conflict);
  } else {
    out += "\"entity\":";
    write_text(out, item.entity);
    out += ",\"reason\":";
    write_text(out, item.rejected ? item.rejected->reason : std::string_view());
  }
  out += '}';
}

} // namespace

void write_failed_json(std::string& out, const failed& failure) {
  out += "\"failed\":{\"error\":";
  write_text(out, error_word(failure.error));
  out += ",\"fate\":\"";
  out += failure.fate == fate::in_doubt ? "in_doubt" : "not_written";
  out += "\",\"message\":";
  write_text(out, failure.message);
  out += '}';
}

void write_conflict_json(std::string& out, const conflict& met) {
  out += "\"conflict\":{";
  write_conflict_members(out, met);
  out += '}';
}

void write_outcome_json(std::string& out, const any_outcome& ended) {
  const answer& given = ended.answer;
  switch (given.what) {
    case answer::kind::accepted:
      return write_accepted(out, given);
    case answer::kind::conflict:
      return write_conflict_json(
          out, {ended.entity, given.conflict, ended.expected, given.version, given.details});
    case answer::kind::rejected:
      return write_rejected(out, given.text);
    default:
      return write_failed_json(out, detail::failure_of(given));
  }
}

void write_outcome_json(std::string& out, const transaction_outcome& ended) {
  if (const auto* failure = ended.failed()) {
    return write_failed_json(out, *failure);
  }
  if (const auto* done = ended.accepted()) {
    return write_accepted_items(out, *done);
  }
  const auto* met = ended.conflict();
  write_list(out, met != nullptr ? "\"conflict\":{\"items\":[" : "\"rejected\":{\"items\":[",
             met != nullptr ? met->items : ended.rejected()->items, &write_refused_item);
  out += '}';
}

} // namespace cairn
