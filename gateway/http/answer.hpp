#pragma once

#include <cairn/protocol.hpp>

#include <string>
#include <string_view>

namespace cairn::http {

/// What goes back to a client, before it is put on the wire.
struct answer {
  unsigned status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::string etag{};         ///< Without quotes; empty: none.
  std::string next{};         ///< Target of the next page; empty: none.
  std::string_view allow{};   ///< Of 405 and OPTIONS.
  unsigned retry_after_s = 0; ///< 0: none.
};

/// A refusal of the gateway's own, as `application/problem+json`. `kind` is a word: `not_found`; `path`, when it has one,
/// is the member or header that is meant.
answer problem(unsigned status, std::string_view kind, std::string_view detail,
               std::string_view path = {});

/// What an answer must know of its request.
struct asked_how {
  bool reads = false;          ///< An entity's state: what does not exist is 404 or 410.
  bool names_command = false;  ///< The target names the command: an unknown one is 404.
  bool has_condition = false;  ///< The request came with `If-Match` or `If-None-Match`.
  std::string_view none_match; ///< `If-None-Match` of a read; empty: none.
};

/// The answer to a request that ended so: docs/http.md, "Statuses".
answer answer_of(const protocol::reply& given, const asked_how& how);

/// Whether `version` is among the tags of an `If-None-Match`.
bool matches_tag(std::string_view tags, std::string_view version);

} // namespace cairn::http
