// One table of requests as the contract has them, each asked as a line and over HTTP, of two worlds that have gone the
// same way: what is answered is the same.
#include "tests/gateway/asked_gateway.hpp"
#include "tests/protocol/asked_session.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace bj = boost::json;

struct asked {
  std::string line;
  std::string method;
  std::string target;
  std::string headers;
  std::string body;
  int status;
};

const std::string a = "/v1/entities/counter/a";

const std::vector<asked> table{
    {R"({"do":"read","entity":"counter/a"})", "GET", a, "", "", 404},
    {R"({"do":"remove","entity":"counter/a"})", "DELETE", a, "", "", 409},
    {R"({"do":"remove","entity":"counter/a","expect":{"at":3}})", "DELETE", a,
     "If-Match: \"3\"\r\n", "", 412},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":0}})",
     "POST", a + "/add", "If-Match: \"0\"\r\n", R"({"n":1})", 200},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":"absent"})",
     "POST", a + "/add", "If-None-Match: *\r\n", R"({"n":1})", 412},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":7}})",
     "POST", a + "/add", "If-Match: \"7\"\r\n", R"({"n":1})", 412},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":2},"id":"c-1"})", "POST",
     a + "/add", "Idempotency-Key: c-1\r\n", R"({"n":2})", 200},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":2},"expect":{"at":1},"id":"c-1"})",
     "POST", a + "/add", "Idempotency-Key: c-1\r\nIf-Match: \"1\"\r\n", R"({"n":2})", 200},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":3},"id":"c-1"})", "POST",
     a + "/add", "Idempotency-Key: c-1\r\n", R"({"n":3})", 422},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":1},"show":["missed","paths","state"]})",
     "POST", a + "/add?show=missed,paths,state", "If-Match: \"1\"\r\n", R"({"n":1})", 412},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":-9}})", "POST", a + "/add",
     "", R"({"n":-9})", 422},
    {R"({"do":"send","entity":"counter/a","command":"look"})", "POST", a + "/look", "", "", 200},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1,"m":1}})", "POST",
     a + "/add", "", R"({"n":1,"m":1})", 400},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1.0}})", "POST", a + "/add",
     "", R"({"n":1.0})", 400},
    {R"({"do":"send","entity":"counter/a","command":"add"})", "POST", a + "/add", "", "", 400},
    {R"({"do":"send","entity":"counter/a","command":"fly","args":{}})", "POST", a + "/fly", "",
     "{}", 404},
    {R"({"do":"read","entity":"counter/a"})", "GET", a, "", "", 200},
    {R"({"do":"read","entity":"counter/a","version":0})", "GET", a + "?version=0", "", "", 404},
    {R"({"do":"read","entity":"counter/a","version":3})", "GET", a + "?version=3", "", "", 404},
    {R"({"do":"history","entity":"counter/a"})", "GET", a + "/history", "", "", 200},
    {R"({"do":"history","entity":"counter/a","from":2,"limit":1})", "GET",
     a + "/history?from=2&limit=1", "", "", 200},
    {R"({"do":"history","entity":"counter/a","from":3})", "GET", a + "/history?from=3", "", "",
     404},
    {R"({"do":"history","entity":"counter/a","limit":10001})", "GET", a + "/history?limit=10001",
     "", "", 400},
    {R"({"do":"list","type":"counter"})", "GET", "/v1/entities/counter", "", "", 200},
    {R"({"do":"list","type":"counter","limit":0})", "GET", "/v1/entities/counter?limit=0", "", "",
     400},
    {R"({"do":"lease","entity":"counter/a","for_ms":0})", "POST", a + "/lease", "",
     R"({"for_ms":0})", 400},
    {R"({"do":"release","entity":"counter/a","lease":"nobody's"})", "DELETE",
     a + "/lease?lease=nobody%27s", "", "", 409},
    {R"({"do":"release","entity":"counter/a"})", "DELETE", a + "/lease", "", "", 400},
    {R"({"do":"transact","items":[{"entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":1}},{"entity":"counter/b","command":"add","args":{"n":-1}}]})",
     "POST", "/v1/transactions", "",
     R"({"items":[{"entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":1}},{"entity":"counter/b","command":"add","args":{"n":-1}}]})",
     412},
    {R"({"do":"transact","items":[{"entity":"counter/a"},{"entity":"counter/a"}]})", "POST",
     "/v1/transactions", "", R"({"items":[{"entity":"counter/a"},{"entity":"counter/a"}]})", 400},
    {R"({"do":"transact","items":[{"entity":"counter/a","command":"add","args":{"n":1}},{"entity":"counter/b","expect":"absent"}]})",
     "POST", "/v1/transactions", "",
     R"({"items":[{"entity":"counter/a","command":"add","args":{"n":1}},{"entity":"counter/b","expect":"absent"}]})",
     200},
    {R"({"do":"read_all","entities":["counter/a","counter/b"]})", "POST", "/v1/read-all", "",
     R"({"entities":["counter/a","counter/b"]})", 200},
    {R"({"do":"update_all","type":"counter","where":{"path":"/value","op":"ge","value":1},"command":"add","args":{"n":1}})",
     "POST", "/v1/update-all", "",
     R"({"type":"counter","where":{"path":"/value","op":"ge","value":1},"command":"add","args":{"n":1}})",
     200},
    {R"({"do":"remove","entity":"counter/a","expect":{"at":4}})", "DELETE", a,
     "If-Match: \"4\"\r\n", "", 200},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1}})", "POST", a + "/add", "",
     R"({"n":1})", 409},
    {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":2},"id":"c-1"})", "POST",
     a + "/add", "Idempotency-Key: c-1\r\n", R"({"n":2})", 200},
    {R"({"do":"read","entity":"counter/a"})", "GET", a, "", "", 410},
    {R"({"do":"read","entity":"counter/a","version":2})", "GET", a + "?version=2", "", "", 200},
};

bj::object parsed(const std::string& text) {
  bj::error_code bad;
  auto value =
      bj::parse(std::regex_replace(text, std::regex("\"time\":\"[^\"]*\""), "\"time\":\"T\""), bad);
  return bad || !value.is_object() ? bj::object{{"no JSON object", text}} : value.get_object();
}

/// What a line is answered, without what HTTP says otherwise: the name of the outcome.
bj::object of_line(const std::string& text) {
  auto object = parsed(text);
  for (const std::string_view outcome : {"accepted", "conflict", "rejected", "failed", "invalid"}) {
    if (auto* inner = object.if_contains(outcome)) return inner->get_object();
  }
  return object;
}

bj::object of_http(const std::string& text) {
  auto object = parsed(text);
  for (const std::string_view ours : {"type", "title", "status"}) object.erase(ours);
  return object;
}

} // namespace

TEST(GatewayContract, HttpAnswersWhatALineIsAnswered) {
  cairn::world world;
  world.host<sample::counter>();
  asked_session session(world);
  asked_gateway gateway;
  for (const auto& one : table) {
    const auto expected = of_line(session.ask(one.line, {{"principal", "anonymous"}}));
    const auto got = gateway.ask(one.method, one.target, one.headers, one.body);
    EXPECT_EQ(got.status, one.status) << one.line << '\n' << got.whole;
    EXPECT_EQ(of_http(got.body), expected) << one.line << '\n' << got.whole;
  }
}
