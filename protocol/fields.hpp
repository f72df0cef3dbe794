#pragma once

#include <cairn/entity.hpp>
#include <cairn/json.hpp>
#include <cairn/world.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Members of a request's objects, read with errors that name the member and what was expected and found.
/// A member that is `null` counts as absent.
namespace cairn::protocol {

/// The types that a session knows.
using known_types = std::span<const entity_type* const>;

using field_names = std::span<const std::string_view>;

/// False, and `wrong` is filled.
bool refuse(json::problem& wrong, std::string_view path, std::string message);
bool expected(json::problem& wrong, std::string_view path, const std::string& what,
              const boost::json::value& found);

/// Null when there is none.
const boost::json::value* find_field(const boost::json::object& in, std::string_view name);

/// A misspelt field comes before what it would have been missing as. `what` has the fields.
bool check_fields(const boost::json::object& in, std::string_view what, field_names known,
                  json::problem& wrong);

bool read_text(const boost::json::value& value, std::string_view path, std::string_view& out,
               json::problem& wrong);
bool optional_text(const boost::json::object& in, std::string_view name, std::string_view& out,
                   json::problem& wrong);
bool required_text(const boost::json::object& in, std::string_view name, std::string_view& out,
                   json::problem& wrong);

bool read_number(const boost::json::value& value, std::string_view path, std::uint64_t low,
                 std::uint64_t high, std::uint64_t& out, json::problem& wrong);
bool optional_number(const boost::json::object& in, std::string_view name, std::uint64_t low,
                     std::uint64_t high, std::uint64_t& out, json::problem& wrong);
bool required_number(const boost::json::object& in, std::string_view name, std::uint64_t low,
                     std::uint64_t high, std::uint64_t& out, json::problem& wrong);

bool optional_flag(const boost::json::object& in, std::string_view name, bool& out,
                   json::problem& wrong);

/// Null: it is missing, no array, or empty.
const boost::json::array* required_list(const boost::json::object& in, std::string_view name,
                                        json::problem& wrong);

/// `a, b, c`
std::string listed(field_names all);

/// What several verbs have.

bool find_type(known_types known, std::string_view name, std::string_view path,
               const entity_type*& type, json::problem& wrong);

/// An entity's key, found at `path`.
bool read_key(std::string_view text, std::string_view path, known_types known, std::string& key,
              const entity_type*& type, json::problem& wrong);

/// `expect`
bool optional_expectation(const boost::json::object& in, expectation& out, json::problem& wrong);

/// `lease`: a token.
bool optional_lease(const boost::json::object& in, std::string& token, json::problem& wrong);

/// `meta`, added to `out`. What `out` has already is the transport's, and stands.
bool optional_meta(const boost::json::object& in, metadata& out, json::problem& wrong);

/// `id` of a command.
bool optional_id(const boost::json::object& in, std::string& id, json::problem& wrong);

/// `show`
bool optional_show(const boost::json::object& in, conflict_shows& show, json::problem& wrong);

} // namespace cairn::protocol
