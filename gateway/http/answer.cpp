#include "gateway/http/answer.hpp"

#include <cairn/by_name.hpp>
#include <cairn/error.hpp>
#include <cairn/json.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::http {

namespace {

namespace bj = boost::json;

constexpr std::string_view problem_type = "application/problem+json";

std::string_view title_of(unsigned status) {
  constexpr std::array<std::pair<unsigned, std::string_view>, 17> titles{{
      {400, "The request is not valid"},
      {403, "Not allowed"},
      {404, "There is no such thing"},
      {405, "Not with this method"},
      {408, "The request did not arrive in time"},
      {409, "The entity is not available"},
      {410, "The entity was removed"},
      {412, "The entity is not as expected"},
      {413, "Too large"},
      {415, "Not JSON"},
      {417, "An expectation that cannot be met"},
      {421, "Not for this gateway"},
      {422, "Rejected"},
      {428, "An expectation is required"},
      {431, "The header is too large"},
      {500, "It failed"},
      {503, "Not now"},
  }};
  const auto found = std::find_if(titles.begin(), titles.end(),
                                  [&](const auto& title) { return title.first == status; });
  return found == titles.end() ? "It failed" : found->second;
}

void append_text(std::string& out, std::string_view text) {
  if (!json::write_string(out, text)) out += "\"(text that is not UTF-8)\"";
}

/// `{"type":…,"title":…,"status":…` and what follows: members, as JSON.
answer problem_with(unsigned status, std::string_view kind, std::string_view members) {
  answer made{status, problem_type, "{\"type\":\"urn:cairn:problem:"};
  made.body.append(kind).append("\",\"title\":");
  append_text(made.body, title_of(status));
  made.body.append(",\"status\":").append(std::to_string(status));
  if (!members.empty()) made.body.append(",").append(members);
  made.body += '}';
  if (status == 503) made.retry_after_s = 1;
  return made;
}

/// What is inside of `"conflict":{…}`; all of it when it is not one of these.
std::string_view inside(std::string_view members) {
  for (const std::string_view name : {"accepted", "conflict", "rejected", "failed", "invalid"}) {
    if (members.size() > name.size() + 4 && members.substr(1, name.size()) == name) {
      members.remove_prefix(name.size() + 4); // quotes, colon, brace
      members.remove_suffix(1);
      return members;
    }
  }
  return members;
}

/// Nobody can have it now, whatever it expects: it is leased, or it is gone and nothing was expected.
bool is_unavailable(const bj::object& conflict) {
  const auto* kind = conflict.if_contains("kind");
  const auto* expected = conflict.if_contains("expected");
  return (kind != nullptr && *kind == bj::value("leased")) ||
         (expected != nullptr && *expected == bj::value("any"));
}

/// Of a transaction: some item is not as expected, or all that are in the way are unavailable?
bool is_unavailable(std::string_view members) {
  bj::error_code bad;
  std::string text = "{";
  text.append(members).append("}");
  const auto parsed = bj::parse(text, bad);
  const auto* object = bad ? nullptr : parsed.if_object();
  const auto* items = object == nullptr ? nullptr : object->if_contains("items");
  if (items == nullptr || !items->is_array()) return false;
  return std::all_of(items->get_array().begin(), items->get_array().end(), [](const auto& item) {
    return item.get_object().contains("reason") || is_unavailable(item.get_object());
  });
}

answer answer_of_conflict(const protocol::reply& given, const asked_how& how) {
  const auto members = inside(given.members);
  const bool unavailable =
      given.conflict_of_one ? *given.conflict_of_one == conflict_kind::leased || !how.has_condition
                            : is_unavailable(members);
  auto made =
      problem_with(unavailable ? 409 : 412, unavailable ? "unavailable" : "conflict", members);
  if (given.version) made.etag = std::to_string(*given.version);
  return made;
}

unsigned status_of(const std::error_code& error) {
  if (error == runtime_errc::overloaded || error == runtime_errc::shutting_down ||
      error == journal_errc::fenced) {
    return 503;
  }
  if (error == journal_errc::no_such_version || error == entity_errc::unknown_type) return 404;
  if (error == entity_errc::lease_lost || error == journal_errc::ahead) return 409;
  if (error == entity_errc::command_id_reused) return 422;
  if (error == journal_errc::too_large) return 413;
  if (error == entity_errc::invalid_command || error == entity_errc::invalid_entity) return 400;
  return 500;
}

answer answer_of_invalid(const protocol::reply& given, const asked_how& how) {
  const auto members = inside(given.members);
  if (how.names_command && given.path == "command") {
    return problem_with(404, "not_found", members);
  }
  if (given.path == "expect" && !how.has_condition) {
    return problem_with(428, "expectation_required", members);
  }
  return problem_with(400, "invalid", members);
}

answer answer_of_done(const protocol::reply& given, const asked_how& how) {
  const std::string version = given.version ? std::to_string(*given.version) : "";
  if (how.reads && !given.exists) {
    const bool was_removed = given.version.value_or(0) > 0;
    return problem_with(was_removed ? 410 : 404, was_removed ? "removed" : "absent", given.members);
  }
  answer made;
  made.etag = version;
  if (how.reads && !version.empty() && matches_tag(how.none_match, version)) {
    made.status = 304;
    return made;
  }
  made.body.append("{").append(inside(given.members)).append("}");
  return made;
}

} // namespace

bool matches_tag(std::string_view tags, std::string_view version) {
  const std::string tag = '"' + std::string(version) + '"';
  return tags == "*" || tags.find(tag) != std::string_view::npos;
}

answer problem(unsigned status, std::string_view kind, std::string_view detail,
               std::string_view path) {
  std::string members;
  if (path.data() != nullptr) {
    members += "\"path\":";
    append_text(members, path);
    members += ",\"message\":";
  } else {
    members += "\"detail\":";
  }
  append_text(members, detail);
  return problem_with(status, kind, members);
}

answer answer_of(const protocol::reply& given, const asked_how& how) {
  switch (given.what) {
    case protocol::ending::done:
      return answer_of_done(given, how);
    case protocol::ending::conflict:
      return answer_of_conflict(given, how);
    case protocol::ending::rejected:
      return problem_with(422, "rejected", inside(given.members));
    case protocol::ending::invalid:
      return answer_of_invalid(given, how);
    case protocol::ending::failed:
      break;
  }
  const unsigned status = status_of(given.error);
  return problem_with(status, error_word(given.error), inside(given.members));
}

} // namespace cairn::http
