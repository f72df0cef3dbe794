#pragma once

#include "gateway/http/answer.hpp"
#include "gateway/http/target.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::http {

using received = boost::beast::http::request<boost::beast::http::string_body>;

/// What a request turned out to be.
struct routed {
  boost::json::object request; ///< In the form of `cairn/protocol.hpp`.
  asked_how how;               ///< Points into the request that came in.
  std::string_view type;       ///< The entity type that the target names; empty: none.
  /// Set: there is nothing to ask of the world.
  std::optional<answer> at_once{};
  std::string
      page{}; ///< Target of the page that was asked for, without the member that says where it begins.
  std::string_view page_from{}; ///< That member.
};

/// A route, as the dispatcher and the documents know it.
struct route {
  std::string_view method;
  std::string_view path; ///< `/v1/entities/{type}/{id}`
  std::string_view verb; ///< In the contract; empty: it asks nothing of the world.
  /// Makes the request. False: `made.at_once` says why not.
  bool (*make)(const target& wanted, const received& from, routed& made);
};

/// All routes; of two that a path fits the first is meant.
std::span<const route> routes() noexcept;

/// Finds out what `from` asks for, which is `wanted`; both must outlive it. What is wrong with it, or needs no world, is in `at_once`; routes without a verb
/// have `found` alone.
routed route_request(const received& from, const target& wanted, const route*& found);

} // namespace cairn::http
