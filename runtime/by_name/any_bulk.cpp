#include <cairn/detail/by_name/any_bulk.hpp>
#include <cairn/detail/by_name/any_transaction.hpp>

#include "entities/named_command.hpp"

#include <compare>
#include <utility>

namespace cairn {

namespace {

namespace bj = boost::json;

/// Holds every integer and every double exactly.
std::optional<long double> number_of(const bj::value& value) noexcept {
  if (const auto* small = value.if_int64()) {
    return static_cast<long double>(*small);
  }
  if (const auto* large = value.if_uint64()) {
    return static_cast<long double>(*large);
  }
  const auto* real = value.if_double();
  return real == nullptr ? std::nullopt : std::optional<long double>(*real);
}

/// Unordered when they are not of one kind.
std::partial_ordering compare(const bj::value& a, const bj::value& b) noexcept {
  const auto a_number = number_of(a);
  const auto b_number = number_of(b);
  if (a_number && b_number) {
    return *a_number <=> *b_number;
  }
  if (a.is_string() && b.is_string()) {
    return a.get_string().compare(b.get_string()) <=> 0;
  }
  if (a.is_bool() && b.is_bool()) {
    return static_cast<int>(a.get_bool()) <=> static_cast<int>(b.get_bool());
  }
  return std::partial_ordering::unordered;
}

/// A state that has no JSON matches nothing.
bool state_matches(const state_condition& condition, const entity_type& type, const void* state) {
  std::string text;
  bj::value as_json;
  json::problem wrong;
  return type.encode_state(text, state, wrong) && json::parse(text, as_json, wrong) &&
         holds(condition, as_json);
}

} // namespace

bool holds(const state_condition& condition, const bj::value& state) noexcept {
  bj::error_code missing;
  const auto* found = state.find_pointer({condition.path.data(), condition.path.size()}, missing);
  if (found == nullptr) {
    return false;
  }
  using comparison = state_condition::comparison;
  const auto order = compare(*found, condition.value);
  switch (condition.op) {
    case comparison::eq:
      return std::is_eq(order);
    case comparison::ne:
      return std::is_lt(order) || std::is_gt(order);
    case comparison::lt:
      return std::is_lt(order);
    case comparison::le:
      return std::is_lteq(order);
    case comparison::gt:
      return std::is_gt(order);
    case comparison::ge:
      return std::is_gteq(order);
  }
  return false;
}

bool any_update::set_command(const entity_type& type, std::string_view command,
                             const bj::value& arguments, json::problem& wrong) {
  if (type.expectation == expectation_policy::required) {
    wrong = {"type",
             "the type " + type.name + " requires an expectation, and a bulk update has none"};
    return false;
  }
  named_command named;
  if (!find_named_command(type, command, arguments, {}, named, wrong)) {
    return false;
  }
  plan_.type = &type;
  plan_.command = named.type;
  plan_.arguments = std::move(named.arguments);
  if (!plan_.concerns) {
    plan_.concerns = [](const entity_type& /*type*/, const void* /*state*/) { return true; };
  }
  return true;
}

void any_update::set_condition(state_condition condition) {
  plan_.concerns = [condition = std::move(condition)](const entity_type& type, const void* state) {
    return state_matches(condition, type, state);
  };
}

void any_update::set_options(bulk_options options) {
  plan_.options.meta = std::move(options.meta);
  plan_.atomic = options.atomic;
}

bulk_result any_update::run(world& in) const { return detail::update_all(in.core(), plan_); }

void write_bulk_json(std::string& out, const bulk_result& ended) {
  if (ended.refused) {
    return write_outcome_json(out, *ended.refused);
  }
  if (ended.failure && ended.failed == 0) {
    return write_failed_json(out, *ended.failure);
  }
  out += "\"updated\":{\"matched\":";
  json::write_unsigned(out, ended.matched);
  out += ",\"changed\":";
  json::write_unsigned(out, ended.changed);
  out += ",\"rejected\":";
  json::write_unsigned(out, ended.rejected);
  if (ended.leased != 0) {
    out += ",\"leased\":";
    json::write_unsigned(out, ended.leased);
  }
  if (ended.failed != 0) {
    out += ",\"failed\":";
    json::write_unsigned(out, ended.failed);
    out += ",\"error\":\"" + error_word(ended.failure ? ended.failure->error : std::error_code()) +
           '"';
  }
  out += '}';
}

} // namespace cairn
