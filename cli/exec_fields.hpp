#pragma once

#include "cli/exec_request.hpp"

/// The fields that several verbs have. All read a member of `line` and fill in what it says.
namespace cairn::cli {

bool find_type(const session& known, std::string_view name, std::string_view path,
               const entity_type*& type, json::problem& wrong);

/// `entity`
bool decode_entity(const boost::json::object& line, const session& known, exec_item& item,
                   json::problem& wrong);

/// An entity's key, found at `path`.
bool decode_key(std::string_view key, std::string_view path, const session& known, exec_item& item,
                json::problem& wrong);

/// `expect` and `lease`: what a command says of the entity that it goes to.
bool decode_circumstances(const boost::json::object& line, exec_item& item, json::problem& wrong);

/// `lease`: a token.
bool decode_lease(const boost::json::object& line, exec_item& item, json::problem& wrong);

/// `meta`
bool decode_meta(const boost::json::object& line, send_options& options, json::problem& wrong);

/// `id` and `meta`
bool decode_cause(const boost::json::object& line, send_options& options, json::problem& wrong);

/// `show`
bool decode_show(const boost::json::object& line, send_options& options, json::problem& wrong);

} // namespace cairn::cli
