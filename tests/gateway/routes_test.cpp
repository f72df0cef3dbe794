// Requests over HTTP and what they are answered: docs/http.md.
#include "tests/gateway/asked_gateway.hpp"

#include <gtest/gtest.h>

#include <string>

TEST(GatewayRoutes, ACommandAnswersItsVersionAsContentAndTag) {
  asked_gateway gateway;
  const auto added = gateway.add("a", 3);
  EXPECT_EQ(added.status, 200) << added.whole;
  EXPECT_EQ(added.body, R"({"version":1,"position":0})");
  EXPECT_EQ(added.header("ETag"), "\"1\"");
  EXPECT_EQ(added.header("Content-Type"), "application/json");

  const auto read = gateway.ask("GET", "/v1/entities/counter/a");
  EXPECT_EQ(read.status, 200) << read.whole;
  EXPECT_EQ(read.body, R"({"state":{"value":3},"version":1,"exists":true})");
  EXPECT_EQ(read.header("ETag"), "\"1\"");
}

TEST(GatewayRoutes, WhatDoesNotExistIsNotFoundAndWhatWasRemovedIsGone) {
  asked_gateway gateway;
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a").status, 404);
  gateway.add("a", 1);
  const auto removed = gateway.ask("DELETE", "/v1/entities/counter/a", "If-Match: \"1\"\r\n");
  EXPECT_EQ(removed.status, 200) << removed.whole;
  const auto read = gateway.ask("GET", "/v1/entities/counter/a");
  EXPECT_EQ(read.status, 410) << read.whole;
  EXPECT_EQ(read.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a?version=1").status, 200);
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a?version=9").status, 404);
  EXPECT_EQ(gateway.add("a", 1).status, 409) << "removed, and nothing was expected";
}

TEST(GatewayRoutes, ExpectationsAreConditionalRequests) {
  asked_gateway gateway;
  EXPECT_EQ(gateway.add("a", 1, "If-Match: *\r\n").status, 412);
  EXPECT_EQ(gateway.add("a", 1, "If-None-Match: *\r\n").status, 200);
  EXPECT_EQ(gateway.add("a", 1, "If-None-Match: *\r\n").status, 412);
  EXPECT_EQ(gateway.add("a", 1, "If-Match: \"1\"\r\n").status, 200);
  const auto stale = gateway.add("a", 1, "If-Match: \"1\"\r\n");
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(stale.header("ETag"), "\"2\"");
  EXPECT_EQ(
      stale.body,
      R"({"type":"urn:cairn:problem:conflict","title":"The entity is not as expected","status":412,)"
      R"("entity":"counter/a","kind":"stale","expected":1,"actual":2})");
  for (const std::string wrong :
       {"If-Match: 1\r\n", "If-Match: \"x\"\r\n", "If-Match: W/\"1\"\r\n",
        "If-Match: \"1\", \"2\"\r\n", "If-Match: \"1\"\r\nIf-Match: \"2\"\r\n",
        "If-None-Match: \"1\"\r\n", "If-Match: *\r\nIf-None-Match: *\r\n"}) {
    EXPECT_EQ(gateway.add("a", 1, wrong).status, 400) << wrong;
  }
}

TEST(GatewayRoutes, AConflictShowsWhatWasAskedFor) {
  asked_gateway gateway;
  for (int i = 0; i < 3; ++i) gateway.add("a", 1);
  const std::string shown = R"("missed":[)";
  const std::string body = R"({"n":1})";
  const std::string target = "/v1/entities/counter/a/add";
  const auto asked =
      gateway.ask("POST", target + "?show=missed,paths,state", "If-Match: \"1\"\r\n", body);
  EXPECT_EQ(asked.status, 412);
  EXPECT_NE(asked.body.find(shown), std::string::npos) << asked.body;
  EXPECT_NE(asked.body.find(R"("state":{"value":3})"), std::string::npos) << asked.body;
  const auto preferred = gateway.ask(
      "POST", target, "If-Match: \"1\"\r\nPrefer: cairn-show=\"missed,state\"\r\n", body);
  EXPECT_NE(preferred.body.find(shown), std::string::npos) << preferred.body;
  EXPECT_EQ(gateway.ask("POST", target + "?show=secrets", "If-Match: \"1\"\r\n", body).status, 400);
}

TEST(GatewayRoutes, ATagThatTheClientHasIsNotSentAgain) {
  asked_gateway gateway;
  gateway.add("a", 1);
  const auto same = gateway.ask("GET", "/v1/entities/counter/a", "If-None-Match: \"7\", \"1\"\r\n");
  EXPECT_EQ(same.status, 304) << same.whole;
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.header("ETag"), "\"1\"");
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a", "If-None-Match: \"11\"\r\n").status, 200);
}

TEST(GatewayRoutes, AnIdempotencyKeyIsTheCommandsId) {
  asked_gateway gateway;
  const std::string key = "Idempotency-Key: c-1\r\n";
  EXPECT_EQ(gateway.add("a", 1, key).body, R"({"version":1,"position":0})");
  EXPECT_EQ(gateway.add("a", 1, key).body, R"({"version":1,"position":0,"duplicate":true})");
  const auto other = gateway.add("a", 2, key);
  EXPECT_EQ(other.status, 422);
  EXPECT_NE(other.body.find("command_id_reused"), std::string::npos) << other.body;
}

TEST(GatewayRoutes, RefusalsHaveTheStatusesThatAreDocumented) {
  asked_gateway gateway;
  struct refusal {
    std::string method;
    std::string target;
    std::string body;
    int status;
    std::string part;
  };
  for (const auto& [method, target, body, status, part] : std::initializer_list<refusal>{
           {"POST", "/v1/entities/counter/a/add", R"({"n":"x"})", 400, R"("path":"args.n")"},
           {"POST", "/v1/entities/counter/a/add", R"({"n":)", 400, R"("status":400)"},
           {"POST", "/v1/entities/counter/a/add", R"({"n":-1})", 422, R"("reason":"below zero")"},
           {"POST", "/v1/entities/counter/a/fly", R"({})", 404, R"("path":"command")"},
           {"GET", "/v1/entities/dragon/a", "", 404, "dragon"},
           {"GET", "/v1/entities/counter?limit=0", "", 400, R"("path":"limit")"},
           {"GET", "/v1/entities/counter?limit=x", "", 400, R"("path":"limit")"},
           {"GET", "/v1/entities/counter?colour=red", "", 400, R"("path":"colour")"},
           {"GET", "/v1/entities/counter/a%zz", "", 400, "escape"},
           {"GET", "/v1/entities/counter/a%01", "", 400, R"("path":"entity")"},
           {"GET", "/v1/entities/counter/a%00", "", 400, "escape"},
           {"GET", "/v1/entities/counter/%ff", "", 400, R"("path":"entity")"},
           {"GET", "/v1/entities/counter/a/history?from=7", "", 404, "no_such_version"},
           {"GET", "/nowhere", "", 404, "docs/http.md"},
           {"GET", "/v1/transactions", "", 405, "POST"},
           {"PUT", "/v1/entities/counter/a", "", 405, "DELETE"},
           {"POST", "/v1/transactions", R"({"items":[],"do":"read"})", 400, R"("path":"do")"},
           {"POST", "/v1/transactions", R"([])", 400, "expected object"},
           {"POST", "/v1/entities/counter/a/crash", R"({"where":"decide"})", 500,
            "entity_error"}}) {
    const auto given = gateway.ask(method, target, "", body);
    EXPECT_EQ(given.status, status) << method << ' ' << target << '\n' << given.whole;
    EXPECT_NE(given.body.find(part), std::string::npos) << method << ' ' << target << '\n'
                                                        << given.body;
    EXPECT_EQ(given.header("Content-Type"), "application/problem+json") << target;
  }
  EXPECT_EQ(gateway.ask("GET", "/v1/transactions").header("Allow"), "POST, OPTIONS");
}

TEST(GatewayRoutes, ABodyThatIsNotSaidToBeJsonIsRefused) {
  asked_gateway gateway;
  const auto given = http_answer(gateway.ask_raw(
      "POST /v1/entities/counter/a/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      "Content-Type: text/plain\r\nContent-Length: 7\r\n\r\n{\"n\":1}"));
  EXPECT_EQ(given.status, 415) << given.whole;
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a").status, 404);
}

TEST(GatewayRoutes, EveryIdThatTheContractAllowsIsReached) {
  asked_gateway gateway;
  for (const std::string escaped :
       {"a%2Fb", "%20", "..", "a%3Fb%23c", "%E4%B8%96", "a+b", "%25", "history", "a%22b"}) {
    const auto added = gateway.add(escaped, 1);
    EXPECT_EQ(added.status, 200) << escaped << '\n' << added.whole;
    EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/" + escaped).status, 200) << escaped;
  }
  cairn::listing found;
  ASSERT_TRUE(gateway.world.list("counter", "", 100, found).ok());
  ASSERT_EQ(found.entities.size(), 9U);
  EXPECT_EQ(found.entities[0].entity, "counter/ ");
  EXPECT_EQ(found.entities[5].entity, "counter/a/b");
}

TEST(GatewayRoutes, PagesLeadToTheNext) {
  asked_gateway gateway;
  for (const std::string id : {"a", "b%20b", "c"}) {
    gateway.add(id, 1);
    gateway.add(id, 1);
  }
  std::string target = "/v1/entities/counter?limit=1";
  std::string seen;
  for (int i = 0; i < 3; ++i) {
    const auto page = gateway.ask("GET", target);
    ASSERT_EQ(page.status, 200) << page.whole;
    seen += page.body;
    const auto link = page.header("Link");
    if (i == 2) {
      EXPECT_EQ(link, "");
      break;
    }
    ASSERT_EQ(link.front(), '<');
    target = link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(seen, R"({"entities":[{"entity":"counter/a","version":2}],"more":true})"
                  R"({"entities":[{"entity":"counter/b b","version":2}],"more":true})"
                  R"({"entities":[{"entity":"counter/c","version":2}],"more":false})");
  const auto first = gateway.ask("GET", "/v1/entities/counter/b%20b/history?limit=1");
  EXPECT_EQ(first.header("Link"),
            "</v1/entities/counter/b%20b/history?limit=1&from=2>; rel=\"next\"");
}

TEST(GatewayRoutes, SeveralEntitiesAtOnce) {
  asked_gateway gateway;
  gateway.add("a", 5);
  const auto moved = gateway.ask(
      "POST", "/v1/transactions", "Idempotency-Key: t-1\r\n",
      R"({"items":[{"entity":"counter/a","command":"add","args":{"n":-2},"expect":{"at":1}},{"entity":"counter/b","command":"add","args":{"n":2}}]})");
  EXPECT_EQ(moved.status, 200) << moved.whole;
  EXPECT_EQ(moved.body, R"({"items":[{"version":2},{"version":1}],"position":1})");
  const auto stale = gateway.ask(
      "POST", "/v1/transactions", "",
      R"({"items":[{"entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":1}}]})");
  EXPECT_EQ(stale.status, 412) << stale.whole;
  const auto read =
      gateway.ask("POST", "/v1/read-all", "", R"({"entities":["counter/a","counter/b"]})");
  EXPECT_EQ(read.status, 200) << read.whole;
  EXPECT_NE(read.body.find(R"("position":2)"), std::string::npos) << read.body;
  const auto all = gateway.ask("POST", "/v1/update-all", "",
                               R"({"type":"counter","command":"add","args":{"n":1}})");
  EXPECT_EQ(all.body, R"({"updated":{"matched":2,"changed":2,"rejected":0}})") << all.whole;
}

TEST(GatewayRoutes, ALeaseKeepsOthersOut) {
  asked_gateway gateway;
  gateway.add("a", 1);
  const auto leased =
      gateway.ask("POST", "/v1/entities/counter/a/lease", "", R"({"for_ms":60000})");
  ASSERT_EQ(leased.status, 200) << leased.whole;
  const std::string mark = R"("token":")";
  const auto at = leased.body.find(mark);
  ASSERT_NE(at, std::string::npos);
  const auto from = at + mark.size();
  const auto token = leased.body.substr(from, leased.body.find('"', from) - from);
  EXPECT_EQ(gateway.add("a", 1).status, 409);
  EXPECT_EQ(gateway.add("a", 1, "If-Match: \"1\"\r\n").status, 409);
  EXPECT_EQ(gateway.add("a", 1, "Cairn-Lease: " + token + "\r\n").status, 200);
  EXPECT_EQ(gateway.ask("DELETE", "/v1/entities/counter/a/lease?lease=" + token).status, 200);
  EXPECT_EQ(gateway.ask("DELETE", "/v1/entities/counter/a/lease?lease=" + token).status, 409);
  EXPECT_EQ(gateway.add("a", 1).status, 200);
}

TEST(GatewayRoutes, WhoSendsCannotBeForged) {
  asked_gateway gateway;
  const auto forged = gateway.add("a", 1, "Cairn-Meta: {\"principal\":\"root\"}\r\n");
  EXPECT_EQ(forged.status, 400) << forged.whole;
  EXPECT_EQ(gateway.add("a", 1, "Cairn-Meta: {\"correlation\":\"r-1\"}\r\n").status, 200);
  const auto history = gateway.ask("GET", "/v1/entities/counter/a/history");
  EXPECT_NE(history.body.find(R"("principal":"anonymous")"), std::string::npos) << history.body;
  EXPECT_NE(history.body.find(R"("correlation":"r-1")"), std::string::npos) << history.body;
}

TEST(GatewayRoutes, HeadHasWhatGetHasButTheContent) {
  asked_gateway gateway;
  gateway.add("a", 1);
  const auto got = gateway.ask("GET", "/v1/entities/counter/a");
  const auto head = gateway.ask("HEAD", "/v1/entities/counter/a");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.header("Content-Length"), got.header("Content-Length"));
  EXPECT_EQ(head.header("ETag"), "\"1\"");
  EXPECT_EQ(gateway.ask("OPTIONS", "/v1/entities/counter/a").header("Allow"),
            "GET, HEAD, DELETE, OPTIONS");
}

TEST(GatewayRoutes, WhatWatchesOverItIsAnswered) {
  asked_gateway gateway;
  gateway.add("a", 1);
  EXPECT_EQ(gateway.ask("GET", "/livez").status, 200);
  EXPECT_EQ(gateway.ask("GET", "/readyz").status, 200);
  EXPECT_NE(gateway.ask("GET", "/v1/types").body.find(R"({"type":"counter","commands":["add",)"),
            std::string::npos);
  const cairn::testing::scraped metrics(gateway.ask("GET", "/metrics").body);
  EXPECT_EQ(metrics["cairn_gateway_connections_accepted_total"], 5);
  EXPECT_EQ(metrics[R"(cairn_gateway_answers_total{status="2xx"})"], 4);
}
