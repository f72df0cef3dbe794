#include "tests/support/reply_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <regex>

std::string without_messages(std::string_view reply) {
  static const std::regex message(R"re("message":"(?:[^"\\]|\\.)+")re");
  static const std::regex time(R"re("(time|until)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")re");
  static const std::regex token(R"re("token":"[0-9a-f]{32}")re");
  auto masked = std::regex_replace(std::string(reply), message, R"("message":"M")");
  masked = std::regex_replace(masked, time, R"("$1":"T")");
  return std::regex_replace(masked, token, R"("token":"K")");
}

std::string member_of(std::string_view reply, std::string_view pointer) {
  boost::json::error_code missing;
  const auto value = boost::json::parse({reply.data(), reply.size()}, missing);
  if (missing) return "(no JSON: " + std::string(reply) + ")";
  const auto* found = value.find_pointer({pointer.data(), pointer.size()}, missing);
  return found == nullptr ? std::string() : boost::json::serialize(*found);
}
