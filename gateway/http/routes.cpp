#include "gateway/http/routes.hpp"

#include <cairn/by_name.hpp>
#include <cairn/journal.hpp>
#include <cairn/json.hpp>

#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace cairn::http {

namespace {

namespace bh = boost::beast::http;
namespace bj = boost::json;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool refuse(routed& made, unsigned status, std::string_view kind, std::string_view detail,
            std::string_view path = {}) {
  made.at_once = problem(status, kind, detail, path);
  return false;
}

/// A header that may be there once. False: it is there several times.
template <class Name>
bool one_field(const received& from, Name name, std::string_view shown, std::string_view& value,
               routed& made) {
  const auto [first, last] = from.equal_range(name);
  if (first == last) return true;
  if (std::next(first) != last) {
    return refuse(made, 400, "invalid", "the header is there more than once", shown);
  }
  value = view_of(first->value());
  return true;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

/// A number as such; anything else as the text that it is, of which the request's checks say what is wrong.
bj::value number_or_text(const std::string& text) {
  if (const auto number = number_in(text)) return *number;
  return bj::string(text);
}

/// A position of a lineage, or a number.
bj::value place_of(const std::string& text) {
  if (const auto token = parse_resume_token(text)) {
    return bj::object{{"position", token->position}, {"lineage", token->lineage.text()}};
  }
  return number_or_text(text);
}

// --- what a query may hold -----------------------------------------------------------------------

struct query_member {
  std::string_view name;
  bj::value (*value)(const std::string&);
};

bj::value as_text(const std::string& text) { return bj::string(text); }

/// `a,b` as a list.
bj::value as_list(const std::string& text) {
  bj::array list;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    list.push_back(bj::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return list;
}

bool take_query(const target& wanted, std::initializer_list<query_member> known, routed& made) {
  for (const auto& [name, value] : wanted.query) {
    const auto is_named = [&given = name](const auto& member) { return member.name == given; };
    const auto* found = std::find_if(known.begin(), known.end(), is_named);
    if (found == known.end()) {
      return refuse(made, 400, "invalid", "the query has no such member here", name);
    }
    if (made.request.contains(name)) return refuse(made, 400, "invalid", "is there twice", name);
    made.request.emplace(name, found->value(value));
  }
  return true;
}

// --- what headers say ----------------------------------------------------------------------------

/// `"17"`: the tag of a version.
std::optional<std::uint64_t> version_in(std::string_view tag) {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  return number_in(tag.substr(1, tag.size() - 2));
}

bool take_expectation(const received& from, routed& made) {
  std::string_view match;
  std::string_view none_match;
  if (!one_field(from, bh::field::if_match, "If-Match", match, made) ||
      !one_field(from, bh::field::if_none_match, "If-None-Match", none_match, made)) {
    return false;
  }
  made.how.has_condition = !match.empty() || !none_match.empty();
  if (!match.empty() && !none_match.empty()) {
    return refuse(made, 400, "invalid", "If-Match is there too", "If-None-Match");
  }
  if (match == "*") {
    made.request["expect"] = "exists";
  } else if (none_match == "*") {
    made.request["expect"] = "absent";
  } else if (!none_match.empty()) {
    return refuse(made, 400, "invalid", "expected *", "If-None-Match");
  } else if (!match.empty()) {
    const auto version = version_in(match);
    if (!version) {
      return refuse(made, 400, "invalid", "expected * or one version in quotes, as in \"17\"",
                    "If-Match");
    }
    made.request["expect"] = bj::object{{"at", *version}};
  }
  return true;
}

bool take_text_field(const received& from, std::string_view header, std::string_view member,
                     routed& made) {
  std::string_view value;
  if (!one_field(from, boost::beast::string_view(header.data(), header.size()), header, value,
                 made))
    return false;
  if (value.empty()) return true;
  if (made.request.contains(member) && made.request.at(member) != bj::value(value)) {
    return refuse(made, 400, "invalid", "the body says otherwise", header);
  }
  made.request[member] = value;
  return true;
}

bool take_meta(const received& from, routed& made) {
  std::string_view text;
  if (!one_field(from, "Cairn-Meta", "Cairn-Meta", text, made)) return false;
  if (text.empty()) return true;
  json::problem wrong;
  bj::value meta;
  if (!json::parse(text, meta, wrong))
    return refuse(made, 400, "invalid", wrong.message, "Cairn-Meta");
  made.request["meta"] = std::move(meta);
  return true;
}

/// `Prefer: cairn-show="missed,paths"`, which `?show=` goes before.
void take_preference(const received& from, routed& made) {
  constexpr std::string_view name = "cairn-show=";
  for (auto [field, last] = from.equal_range("Prefer"); field != last; ++field) {
    auto text = view_of(field->value());
    const auto at = text.find(name);
    if (at == std::string_view::npos || made.request.contains("show")) continue;
    text.remove_prefix(at + name.size());
    if (!text.empty() && text.front() == '"') text.remove_prefix(1);
    made.request.emplace("show", as_list(std::string(text.substr(0, text.find_first_of("\"; ")))));
  }
}

bool take_sending(const target& wanted, const received& from, routed& made) {
  if (!take_query(wanted, {{"show", &as_list}}, made)) return false;
  take_preference(from, made);
  return take_expectation(from, made) && take_text_field(from, "Idempotency-Key", "id", made) &&
         take_text_field(from, "Cairn-Lease", "lease", made) && take_meta(from, made);
}

// --- bodies --------------------------------------------------------------------------------------

bool is_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  constexpr std::string_view wanted = "application/json";
  return type.size() == wanted.size() &&
         std::equal(type.begin(), type.end(), wanted.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

/// Only `application/json` is taken: a page of another origin cannot send it unasked.
bool read_body(const received& from, bj::value& body, routed& made) {
  if (from.body().empty()) return true;
  std::string_view type;
  if (!one_field(from, bh::field::content_type, "Content-Type", type, made)) return false;
  if (!is_json(type)) {
    return refuse(made, 415, "not_json", "send the body with Content-Type: application/json");
  }
  json::problem wrong;
  return json::parse(from.body(), body, wrong) ||
         refuse(made, 400, "invalid", wrong.message, wrong.path);
}

/// The body's members are the request's.
bool take_body(const received& from, routed& made) {
  bj::value body = bj::object();
  if (!read_body(from, body, made)) return false;
  auto* object = body.if_object();
  if (object == nullptr) {
    return refuse(made, 400, "invalid", "expected object, found " + json::describe(body), "");
  }
  for (const std::string_view ours : {"do", "ref"}) {
    if (object->contains(ours)) return refuse(made, 400, "invalid", "unknown field", ours);
  }
  for (auto& [name, value] : *object) {
    if (made.request.contains(name)) {
      return refuse(made, 400, "invalid", "the target says it already", std::string_view(name));
    }
    made.request.emplace(name, std::move(value));
  }
  return true;
}

// --- routes --------------------------------------------------------------------------------------

void name_entity(const target& wanted, routed& made) {
  made.type = wanted.segments[2];
  made.request["entity"] = wanted.segments[2] + '/' + wanted.segments[3];
}

/// Remembers the page, for the way to the next one.
void name_page(const target& wanted, std::string_view from, routed& made) {
  made.page_from = from;
  for (const auto& segment : wanted.segments) {
    made.page += '/';
    append_escaped(made.page, segment);
  }
  made.page += '?';
  for (const auto& [name, value] : wanted.query) {
    if (name == from) continue;
    append_escaped(made.page, name);
    made.page += '=';
    append_escaped(made.page, value);
    made.page += '&';
  }
}

bool make_list(const target& wanted, const received&, routed& made) {
  made.request["do"] = "list";
  made.type = wanted.segments[2];
  made.request["type"] = wanted.segments[2];
  name_page(wanted, "after", made);
  return take_query(wanted, {{"after", &as_text}, {"limit", &number_or_text}}, made);
}

bool make_read(const target& wanted, const received& from, routed& made) {
  made.request["do"] = "read";
  name_entity(wanted, made);
  made.how.reads = true;
  return one_field(from, bh::field::if_none_match, "If-None-Match", made.how.none_match, made) &&
         take_query(wanted, {{"version", &number_or_text}}, made);
}

bool make_history(const target& wanted, const received&, routed& made) {
  made.request["do"] = "history";
  name_entity(wanted, made);
  name_page(wanted, "from", made);
  return take_query(wanted, {{"from", &place_of}, {"limit", &number_or_text}}, made);
}

bool make_remove(const target& wanted, const received& from, routed& made) {
  made.request["do"] = "remove";
  name_entity(wanted, made);
  return take_sending(wanted, from, made);
}

bool make_lease(const target& wanted, const received& from, routed& made) {
  made.request["do"] = "lease";
  name_entity(wanted, made);
  return take_query(wanted, {}, made) && take_body(from, made) &&
         take_text_field(from, "Cairn-Lease", "lease", made);
}

bool make_release(const target& wanted, const received& from, routed& made) {
  made.request["do"] = "release";
  name_entity(wanted, made);
  return take_query(wanted, {{"lease", &as_text}}, made) &&
         take_text_field(from, "Cairn-Lease", "lease", made);
}

bool make_send(const target& wanted, const received& from, routed& made) {
  made.request["do"] = "send";
  name_entity(wanted, made);
  made.how.names_command = true;
  made.request["command"] = wanted.segments[4];
  bj::value arguments;
  if (!read_body(from, arguments, made) || !take_sending(wanted, from, made)) return false;
  if (!arguments.is_null()) made.request["args"] = std::move(arguments);
  return true;
}

bool make_several(std::string_view verb, const target& wanted, const received& from, routed& made) {
  made.request["do"] = verb;
  return take_query(wanted, {}, made) && take_body(from, made);
}

bool make_transaction(const target& wanted, const received& from, routed& made) {
  return make_several("transact", wanted, from, made) &&
         take_text_field(from, "Idempotency-Key", "id", made) && take_meta(from, made);
}

bool make_read_all(const target& wanted, const received& from, routed& made) {
  return make_several("read_all", wanted, from, made);
}

bool make_update_all(const target& wanted, const received& from, routed& made) {
  return make_several("update_all", wanted, from, made) && take_meta(from, made);
}

bool make_nothing(const target& wanted, const received&, routed& made) {
  return take_query(wanted, {}, made);
}

constexpr std::array all_routes{
    route{"GET", "/v1/entities/{type}", "list", &make_list},
    route{"GET", "/v1/entities/{type}/{id}", "read", &make_read},
    route{"DELETE", "/v1/entities/{type}/{id}", "remove", &make_remove},
    route{"GET", "/v1/entities/{type}/{id}/history", "history", &make_history},
    route{"POST", "/v1/entities/{type}/{id}/lease", "lease", &make_lease},
    route{"DELETE", "/v1/entities/{type}/{id}/lease", "release", &make_release},
    route{"POST", "/v1/entities/{type}/{id}/{command}", "send", &make_send},
    route{"POST", "/v1/transactions", "transact", &make_transaction},
    route{"POST", "/v1/read-all", "read_all", &make_read_all},
    route{"POST", "/v1/update-all", "update_all", &make_update_all},
    route{"GET", "/v1/types", "", &make_nothing},
    route{"GET", "/livez", "", &make_nothing},
    route{"GET", "/readyz", "", &make_nothing},
    route{"GET", "/metrics", "", &make_nothing},
};

bool fits(std::string_view path, const std::vector<std::string>& segments) {
  std::size_t i = 0;
  for (path.remove_prefix(1);; ++i) {
    const auto end = std::min(path.find('/'), path.size());
    const auto wanted = path.substr(0, end);
    if (i == segments.size() || (wanted.front() != '{' && wanted != segments[i])) return false;
    if (end == path.size()) return i + 1 == segments.size();
    path.remove_prefix(end + 1);
  }
}

/// The methods that a path answers, each with what it implies; empty: there is no such path.
std::string_view allowed_at(const std::vector<std::string>& segments) {
  bool gets = false;
  bool posts = false;
  bool deletes = false;
  for (const auto& known : all_routes) {
    if (!fits(known.path, segments)) continue;
    gets = gets || known.method == "GET";
    posts = posts || known.method == "POST";
    deletes = deletes || known.method == "DELETE";
  }
  if (gets && posts) return "GET, HEAD, POST, OPTIONS"; // a command named as a page is
  if (gets && deletes) return "GET, HEAD, DELETE, OPTIONS";
  if (posts && deletes) return "POST, DELETE, OPTIONS";
  if (gets) return "GET, HEAD, OPTIONS";
  return posts ? "POST, OPTIONS" : "";
}

answer without_route(const received& from, const target& wanted) {
  const auto allowed = allowed_at(wanted.segments);
  if (allowed.empty()) {
    return problem(404, "not_found", "nothing is there; the routes are in docs/http.md");
  }
  answer made;
  if (from.method() == bh::verb::options) {
    made.status = 204;
  } else {
    made = problem(405, "method_not_allowed", "the path answers " + std::string(allowed));
  }
  made.allow = allowed;
  return made;
}

} // namespace

std::span<const route> routes() noexcept { return all_routes; }

routed route_request(const received& from, const target& wanted, const route*& found) {
  routed made;
  found = nullptr;
  const auto method =
      from.method() == bh::verb::head ? std::string_view("GET") : view_of(from.method_string());
  for (const auto& known : all_routes) {
    if (known.method == method && fits(known.path, wanted.segments)) {
      found = &known;
      known.make(wanted, from, made);
      return made;
    }
  }
  made.at_once = without_route(from, wanted);
  return made;
}

} // namespace cairn::http
