// What is invalid about the verbs beyond one command or one read, and about what goes with a command.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

std::string adding(const std::string& more) {
  return add_line("counter/a", 1, ",\"ref\":1," + more);
}

std::string transacting(const std::string& items, const std::string& more = {}) {
  return R"({"ref":1,"do":"transact","items":)" + items + more + "}";
}

/// `item` behind one that is good.
std::string with_item(const std::string& item) {
  return transacting(R"([{"entity":"counter/b","command":"add","args":{"n":1}},)" + item + "]");
}

std::string of(const std::string& verb, const std::string& members) {
  return R"({"ref":1,"do":")" + verb + "\"," + members + "}";
}

} // namespace

TEST(ExecInvalidVerbs, WhatToShowIsAListOfKnownNames) {
  expect_invalid({
      {adding(R"("show":"state")"), "show"},
      {adding(R"("show":true)"), "show"},
      {adding(R"("show":{"state":true})"), "show"},
      {adding(R"("show":["changes"])"), "show[0]"},
      {adding(R"("show":["state","paths","State"])"), "show[2]"},
      {adding(R"("show":[null])"), "show[0]"},
      {adding(R"("show":[1])"), "show[0]"},
      {of("remove", R"("entity":"counter/a","show":["all"])"), "show[0]"},
      {of("read", R"("entity":"counter/a","show":["state"])"), "show"},
  });
}

TEST(ExecInvalidVerbs, ATokenIsText) {
  expect_invalid({
      {adding(R"("lease":7)"), "lease"},
      {adding(R"("lease":"")"), "lease"},
      {adding(R"("lease":["x"])"), "lease"},
      {of("remove", R"("entity":"counter/a","lease":7)"), "lease"},
      {of("read", R"("entity":"counter/a","lease":"x")"), "lease"},
      {of("lease", R"("entity":"counter/a","for_ms":5,"lease":"")"), "lease"},
      {of("release", R"("entity":"counter/a")"), "lease"},
      {of("release", R"("entity":"counter/a","lease":null)"), "lease"},
      {of("release", R"("entity":"counter/a","lease":"")"), "lease"},
      {of("release", R"("entity":"counter/a","lease":5)"), "lease"},
      {of("release", R"("entity":"counter/a","lease":"x","for_ms":5)"), "for_ms"},
      {of("release", R"("lease":"x")"), "entity"},
      {of("release", R"("entity":"wallet/a","lease":"x")"), "entity"},
  });
}

TEST(ExecInvalidVerbs, ALeaseLastsAWholeNumberOfMillisecondsUpToItsTypesLimit) {
  std::vector<blamed> cases = {
      {of("lease", R"("entity":"counter/a")"), "for_ms"},
      {of("lease", R"("for_ms":5)"), "entity"},
      {of("lease", R"("entity":"wallet/a","for_ms":5)"), "entity"},
      {of("lease", R"("entity":"counter/","for_ms":5)"), "entity"},
      {of("lease", R"("entity":"counter/a","for_ms":5,"expect":"any")"), "expect"},
      {of("lease", R"("entity":"counter/a","for_ms":5,"id":"x")"), "id"},
  };
  for (const std::string for_ms :
       {"null", "0", "-1", "1.0", "1e0", "\"5\"", "600001", "18446744073709551616"}) {
    cases.push_back({of("lease", R"("entity":"counter/a","for_ms":)" + for_ms), "for_ms"});
  }
  expect_invalid(cases);
}

TEST(ExecInvalidVerbs, ATransactionIsAListOfItems) {
  expect_invalid({
      {of("transact", R"("id":"x")"), "items"},
      {transacting("null"), "items"},
      {transacting("[]"), "items"},
      {transacting("{}"), "items"},
      {transacting(R"("counter/a")"), "items"},
      {transacting("[1]"), "items[0]"},
      {with_item("null"), "items[1]"},
      {with_item("[]"), "items[1]"},
      {with_item("{}"), "items[1].entity"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"expect":"any")"), "expect"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"lease":"x")"), "lease"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"show":["state"])"), "show"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"entity":"counter/a")"), "entity"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"id":"")"), "id"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"id":7)"), "id"},
      {transacting(R"([{"entity":"counter/a"}])", R"(,"meta":{"who":1})"), "meta.who"},
  });
}

TEST(ExecInvalidVerbs, ItemsAreBlamedByTheirIndex) {
  expect_invalid({
      {with_item(R"({"entity":"wallet/a"})"), "items[1].entity"},
      {with_item(R"({"entity":"counter/"})"), "items[1].entity"},
      {with_item(R"({"entity":7})"), "items[1].entity"},
      {with_item(R"({"entity":"counter/a","command":"plus","args":{"n":1}})"), "items[1].command"},
      {with_item(R"({"entity":"counter/a","command":7})"), "items[1].command"},
      {with_item(R"({"entity":"counter/a","command":""})"), "items[1].command"},
      {with_item(R"({"entity":"counter/a","command":"$remove"})"), "items[1].command"},
      {with_item(R"({"entity":"address/a","command":"add","args":{"n":1}})"), "items[1].command"},
      {with_item(R"({"entity":"counter/a","command":"add"})"), "items[1].args.n"},
      {with_item(R"({"entity":"counter/a","command":"add","args":{"n":1.0}})"), "items[1].args.n"},
      {with_item(R"({"entity":"counter/a","command":"add","args":{"n":1,"m":1}})"),
       "items[1].args.m"},
      {with_item(R"({"entity":"counter/a","command":"add","args":[]})"), "items[1].args"},
      {with_item(R"({"entity":"counter/a","args":{"n":1}})"), "items[1].args"},
      {with_item(R"({"entity":"counter/a","remove":true,"args":{"n":1}})"), "items[1].args"},
      {with_item(R"({"entity":"counter/a","remove":1})"), "items[1].remove"},
      {with_item(R"({"entity":"counter/a","remove":"true"})"), "items[1].remove"},
      {with_item(R"({"entity":"counter/a","remove":true,"command":"add","args":{"n":1}})"),
       "items[1].remove"},
      {with_item(R"({"entity":"counter/a","expect":"maybe"})"), "items[1].expect"},
      {with_item(R"({"entity":"counter/a","expect":{}})"), "items[1].expect.at"},
      {with_item(R"({"entity":"counter/a","expect":{"at":-1}})"), "items[1].expect.at"},
      {with_item(R"({"entity":"counter/a","expect":{"at":1,"or":2}})"), "items[1].expect.or"},
      {with_item(R"({"entity":"counter/a","remove":true,"lease":7})"), "items[1].lease"},
      {with_item(R"({"entity":"counter/a","remove":true,"lease":""})"), "items[1].lease"},
      {with_item(R"({"entity":"counter/a","lease":"x"})"), "items[1].lease"},
      {with_item(R"({"entity":"counter/a","id":"x"})"), "items[1].id"},
      {with_item(R"({"entity":"counter/a","meta":{}})"), "items[1].meta"},
      {with_item(R"({"entity":"counter/a","show":["state"]})"), "items[1].show"},
      {with_item(R"({"entity":"counter/a","do":"read"})"), "items[1].do"},
      {with_item(R"({"entity":"counter/a","entity":"counter/c"})"), "items[1].entity"},
  });
}

TEST(ExecInvalidVerbs, AnEntityIsThereOnce) {
  const std::string add_a = R"({"entity":"counter/a","command":"add","args":{"n":1}})";
  expect_invalid({
      {transacting("[" + add_a + "," + add_a + "]"), "items[1].entity"},
      {with_item(add_a + R"(,{"entity":"counter/a","expect":{"at":1}})"), "items[2].entity"},
      {with_item(R"({"entity":"counter/a","remove":true},{"entity":"counter/c"},)" + add_a),
       "items[3].entity"},
      {of("read_all", R"("entities":["counter/a","counter/b","counter/a"])"), "entities[2]"},
  });
}

TEST(ExecInvalidVerbs, WhatIsReadTogetherIsAListOfEntities) {
  expect_invalid({
      {R"({"ref":1,"do":"read_all"})", "entities"},
      {of("read_all", R"("entities":null)"), "entities"},
      {of("read_all", R"("entities":[])"), "entities"},
      {of("read_all", R"("entities":"counter/a")"), "entities"},
      {of("read_all", R"("entities":["counter/a",7])"), "entities[1]"},
      {of("read_all", R"("entities":["counter/a",null])"), "entities[1]"},
      {of("read_all", R"("entities":[{"entity":"counter/a"}])"), "entities[0]"},
      {of("read_all", R"("entities":["wallet/a"])"), "entities[0]"},
      {of("read_all", R"("entities":["counter/"])"), "entities[0]"},
      {of("read_all", R"("entities":["counter/a"],"version":1)"), "version"},
  });
}
