#include "entities/json/json_paths.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <system_error>

namespace cairn {

namespace {

namespace bj = boost::json;

std::string step(const std::string& path, std::string_view name) {
  std::string longer = path + '/';
  for (const char byte : name) {
    if (byte == '~') {
      longer += "~0";
    } else if (byte == '/') {
      longer += "~1";
    } else {
      longer += byte;
    }
  }
  return longer;
}

std::string_view view(const bj::string_view& text) noexcept { return {text.data(), text.size()}; }

void compare(const bj::value& a, const bj::value& b, const std::string& path,
             std::vector<std::string>& found);

void compare_objects(const bj::object& a, const bj::object& b, const std::string& path,
                     std::vector<std::string>& found) {
  for (const auto& member : a) {
    const auto* other = b.if_contains(member.key());
    if (other == nullptr) {
      found.push_back(step(path, view(member.key())));
    } else {
      compare(member.value(), *other, step(path, view(member.key())), found);
    }
  }
  for (const auto& member : b) {
    if (!a.contains(member.key())) {
      found.push_back(step(path, view(member.key())));
    }
  }
}

void compare(const bj::value& a, const bj::value& b, const std::string& path,
             std::vector<std::string>& found) {
  if (a.is_object() && b.is_object()) {
    return compare_objects(a.get_object(), b.get_object(), path, found);
  }
  if (a.is_array() && b.is_array() && a.get_array().size() == b.get_array().size()) {
    for (std::size_t i = 0; i < a.get_array().size(); ++i) {
      compare(a.get_array()[i], b.get_array()[i], step(path, std::to_string(i)), found);
    }
    return;
  }
  if (a != b) {
    found.push_back(path);
  }
}

} // namespace

std::vector<std::string> differing_paths(const bj::value& a, const bj::value& b) {
  std::vector<std::string> found;
  compare(a, b, "", found);
  return found;
}

const bj::value* find_at(const bj::value& root, std::string_view pointer) noexcept {
  bj::error_code error;
  return root.find_pointer(bj::string_view(pointer.data(), pointer.size()), error);
}

} // namespace cairn
