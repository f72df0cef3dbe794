#include <cairn/any_entity.hpp>

namespace cairn {

namespace {

void write_expected(std::string& out, const expectation& expected) {
  switch (expected.what()) {
    case expectation::kind::any:
      out += "\"any\"";
      break;
    case expectation::kind::at:
      json::write_unsigned(out, expected.version());
      break;
    case expectation::kind::absent:
      out += "\"absent\"";
      break;
    case expectation::kind::exists:
      out += "\"exists\"";
      break;
  }
}

/// Text from outside may be anything; JSON takes UTF-8 only.
void write_text(std::string& out, std::string_view text) {
  if (!json::write_string(out, text)) {
    out += "\"(text that is not UTF-8)\"";
  }
}

void write_accepted(std::string& out, const answer& given) {
  out += "\"accepted\":{\"version\":";
  json::write_unsigned(out, given.version);
  if (given.position != no_position) {
    out += ",\"position\":";
    json::write_unsigned(out, given.position);
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

void write_outcome_json(std::string& out, const any_outcome& ended) {
  const answer& given = ended.answer;
  switch (given.what) {
    case answer::kind::accepted:
      return write_accepted(out, given);
    case answer::kind::conflict:
      out += "\"conflict\":{\"entity\":";
      write_text(out, ended.entity);
      out += ",\"kind\":\"";
      out += to_string(given.conflict);
      out += "\",\"expected\":";
      write_expected(out, ended.expected);
      out += ",\"actual\":";
      json::write_unsigned(out, given.version);
      out += '}';
      return;
    case answer::kind::rejected:
      out += "\"rejected\":{\"reason\":";
      write_text(out, given.text);
      out += '}';
      return;
    default:
      return write_failed_json(out, detail::failure_of(given));
  }
}

} // namespace cairn
