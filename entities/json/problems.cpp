#include "entities/json/problems.hpp"

namespace cairn::json {

void problem::under(std::string_view member) {
  std::string longer(member);
  if (!path.empty() && path.front() != '[') {
    longer += '.';
  }
  path = std::move(longer += path);
}

void problem::under(std::size_t index) { under("[" + std::to_string(index) + "]"); }

std::string problem::text() const { return path.empty() ? message : path + ": " + message; }

namespace detail {
namespace {

template <class Named>
std::string names_of(const Named* begin, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    list.append(list.empty() ? "" : ", ").append(begin[i].name());
  }
  return list;
}

} // namespace

bool expected(std::string_view what, const boost::json::value& found, problem& wrong) {
  wrong.message = "expected " + std::string(what) + ", found " + describe(found);
  return false;
}

bool wrong_count(std::size_t wanted, std::size_t found, problem& wrong) {
  wrong.message = "expected " + std::to_string(wanted) + " items, found " + std::to_string(found);
  return false;
}

bool missing_member(std::string_view name, problem& wrong) {
  wrong.path = name;
  wrong.message = "is missing";
  return false;
}

bool unknown_member(std::string_view name, const parts_codec& of, problem& wrong) {
  wrong.path = name;
  wrong.message = of.count == 0 ? "unknown field; there are none"
                                : "unknown field; the fields are: " + names_of(of.begin, of.count);
  return false;
}

bool invalid_text(problem& wrong) {
  wrong.message = "text is not valid UTF-8";
  return false;
}

bool not_finite(problem& wrong) {
  wrong.message = "number is not finite, and JSON cannot hold it";
  return false;
}

bool too_deep(problem& wrong) {
  wrong.message = "too deep: more than " + std::to_string(depth_max) +
                  " arrays and objects, one in another (cairn::json::depth_max)";
  return false;
}

bool no_enumerator(problem& wrong) {
  wrong.message = "holds no declared enumerator";
  return false;
}

bool unknown_enumerator(std::string_view name, const enumeration_codec& of, problem& wrong) {
  wrong.message = "unknown value \"" + std::string(name) +
                  "\"; the values are: " + names_of(of.begin, of.count);
  return false;
}

bool not_one_alternative(std::size_t found, const parts_codec& of, problem& wrong) {
  wrong.message = "expected one alternative, found " + std::to_string(found) +
                  "; the alternatives are: " + names_of(of.begin, of.count);
  return false;
}

bool unknown_alternative(std::string_view name, const parts_codec& of, problem& wrong) {
  wrong.message = "unknown alternative \"" + std::string(name) +
                  "\"; the alternatives are: " + names_of(of.begin, of.count);
  return false;
}

bool no_alternative(problem& wrong) {
  wrong.message = "holds no alternative: an exception left the variant without a value";
  return false;
}

bool wrong_key(std::string_view key, std::string_view what, problem& wrong) {
  wrong.message = "expected " + std::string(what) + " as key, found \"" + std::string(key) + '"';
  return false;
}

bool stands_twice(problem& wrong) {
  wrong.message = "stands twice";
  return false;
}

bool refused_form(std::string_view shown, std::string_view name, problem& wrong) {
  wrong.message.assign(shown).append(" is no ").append(name);
  return false;
}

} // namespace detail
} // namespace cairn::json
