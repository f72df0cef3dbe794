#pragma once

#include <cairn/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What can be wrong with a value. Each says so, and is false.
namespace cairn::json::detail {

bool expected(std::string_view what, const boost::json::value& found, problem& wrong);
bool wrong_count(std::size_t wanted, std::size_t found, problem& wrong);
bool missing_member(std::string_view name, problem& wrong);
bool unknown_member(std::string_view name, const parts_codec& of, problem& wrong);
bool invalid_text(problem& wrong);
bool not_finite(problem& wrong);
bool too_deep(problem& wrong);
bool no_enumerator(problem& wrong);
bool unknown_enumerator(std::string_view name, const enumeration_codec& of, problem& wrong);
bool not_one_alternative(std::size_t found, const parts_codec& of, problem& wrong);
bool unknown_alternative(std::string_view name, const parts_codec& of, problem& wrong);
bool no_alternative(problem& wrong);
bool wrong_key(std::string_view key, std::string_view what, problem& wrong);
bool stands_twice(problem& wrong);
/// `shown` stands for no value of the type that is called `name`.
bool refused_form(std::string_view shown, std::string_view name, problem& wrong);

} // namespace cairn::json::detail
