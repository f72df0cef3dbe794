// Every verb, driven without a process: a table of requests and their replies.
#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include "tests/protocol/asked_session.hpp"
#include "tests/support/reply_text.hpp"
#include "tests/support/sample_entities.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace {

using cairn::protocol::ending;

struct step {
  std::string request;
  std::string reply;
  ending what = ending::done;
  std::optional<cairn::version_type> version{};
};

std::string add(const std::string& members) {
  return R"({"do":"send","entity":"counter/a","command":"add")" + members + "}";
}

const std::vector<step>& dialogue() {
  static const std::vector<step> steps = {
      {R"({"ref":1,"do":"read","entity":"counter/a"})",
       R"({"ref":1,"state":null,"version":0,"exists":false})", ending::done, 0},
      {add(R"(,"args":{"n":1},"ref":"r\u0031","expect":"absent","id":"x")"),
       R"({"ref":"r\u0031","accepted":{"version":1,"position":0}})", ending::done, 1},
      {add(R"(,"args":{"n":1},"id":"x")"),
       R"({"accepted":{"version":1,"position":0,"duplicate":true}})", ending::done, 1},
      {add(R"(,"args":{"n":2},"id":"x")"),
       R"({"failed":{"error":"command_id_reused","fate":"not_written","message":"M"}})",
       ending::failed},
      {add(R"(,"args":{"n":2},"expect":{"at":0},"show":["paths","state"])"),
       R"({"conflict":{"entity":"counter/a","kind":"stale","expected":0,"actual":1,"state":{"value":1}}})",
       ending::conflict, 1},
      {add(R"(,"args":{"n":-9})"), R"({"rejected":{"reason":"below zero"}})", ending::rejected},
      {add(R"(,"args":{"n":"1"})"), R"({"invalid":{"path":"args.n","message":"M"}})",
       ending::invalid},
      {add(R"(,"args":{"n":4},"meta":{"who":"x"})"), R"({"accepted":{"version":2,"position":1}})",
       ending::done, 2},
      {R"({"do":"read","entity":"counter/a","version":1})",
       R"({"state":{"value":1},"version":1,"exists":true})", ending::done, 1},
      {R"({"do":"read","entity":"counter/a","version":3})",
       R"({"failed":{"error":"no_such_version","fate":"not_written","message":"M"}})",
       ending::failed},
      {R"({"do":"history","entity":"counter/a","from":2})",
       R"({"changes":[{"position":1,"version":2,"time":"T","command":"add","events":[{"name":"added","data":{"n":4}}],"meta":{"who":"x"}}],"more":false})"},
      {R"({"do":"list","type":"counter"})",
       R"({"entities":[{"entity":"counter/a","version":2}],"more":false})"},
      {R"({"do":"transact","items":[{"entity":"counter/b","command":"add","args":{"n":1}},{"entity":"counter/a","expect":{"at":2}}]})",
       R"({"accepted":{"items":[{"version":1},{"version":2}],"position":2}})"},
      {R"({"do":"transact","items":[{"entity":"counter/b","command":"add","args":{"n":1},"expect":{"at":0}}]})",
       R"({"conflict":{"items":[{"index":0,"entity":"counter/b","kind":"stale","expected":0,"actual":1}]}})",
       ending::conflict},
      {R"({"do":"transact","items":[{"entity":"counter/b","command":"add","args":{"n":-5}}]})",
       R"({"rejected":{"items":[{"index":0,"entity":"counter/b","reason":"below zero"}]}})",
       ending::rejected},
      {R"({"do":"read_all","entities":["counter/b","counter/z"]})",
       R"({"position":2,"entities":[{"entity":"counter/b","state":{"value":1},"version":1,"exists":true},{"entity":"counter/z","state":null,"version":0,"exists":false}]})"},
      {R"({"do":"lease","entity":"counter/b","for_ms":20000})",
       R"({"lease":{"token":"K","until":"T"}})"},
      {R"({"do":"release","entity":"counter/b","lease":"nonsense"})",
       R"({"failed":{"error":"lease_lost","fate":"not_written","message":"M"}})", ending::failed},
      {R"({"do":"update_all","type":"counter","where":{"path":"/value","op":"ge","value":1},"command":"add","args":{"n":1}})",
       R"({"updated":{"matched":1,"changed":1,"rejected":0,"leased":1}})"},
      {R"({"do":"remove","entity":"counter/a"})", R"({"accepted":{"version":4,"position":4}})",
       ending::done, 4},
      {R"({"do":"remove","entity":"counter/a"})",
       R"({"conflict":{"entity":"counter/a","kind":"deleted","expected":"any","actual":4}})",
       ending::conflict, 4},
      {R"({"do":"read","entity":"counter/a"})", R"({"state":null,"version":4,"exists":false})",
       ending::done, 4},
  };
  return steps;
}

class ProtocolVerbs : public testing::Test {
protected:
  ProtocolVerbs() { world_.host<sample::counter>(); }

  void expect_step(const step& asked, const std::string& reply) {
    EXPECT_EQ(without_messages(reply), asked.reply) << asked.request;
    EXPECT_EQ(session_->last().what, asked.what) << asked.request;
    EXPECT_EQ(session_->last().version, asked.version) << asked.request;
  }

  cairn::world world_;
  std::optional<asked_session> session_;
};

} // namespace

TEST_F(ProtocolVerbs, LinesHaveTheRepliesOfTheTable) {
  session_.emplace(world_);
  for (const auto& asked : dialogue()) expect_step(asked, session_->ask(asked.request));
}

TEST_F(ProtocolVerbs, ValuesHaveTheSame) {
  session_.emplace(world_);
  for (auto asked : dialogue()) {
    // What was parsed has lost how its text was written.
    if (const auto at = asked.reply.find(R"(r\u0031)"); at != std::string::npos) {
      asked.reply.replace(at, 7, "r1");
    }
    expect_step(asked, session_->ask_value(boost::json::parse(asked.request)));
  }
}

TEST_F(ProtocolVerbs, AConflictTellsItsKindAndAReadWhetherItExists) {
  session_.emplace(world_);
  session_->ask(add(R"(,"args":{"n":1},"expect":"exists")"));
  EXPECT_EQ(session_->last().conflict_of_one, cairn::conflict_kind::absent);
  session_->ask(add(R"(,"args":{"n":1})"));
  session_->ask(add(R"(,"args":{"n":1},"expect":{"at":7})"));
  EXPECT_EQ(session_->last().conflict_of_one, cairn::conflict_kind::ahead);
  session_->ask(R"({"do":"read","entity":"counter/a"})");
  EXPECT_TRUE(session_->last().exists);
  session_->ask(R"({"do":"read","entity":"counter/b"})");
  EXPECT_FALSE(session_->last().exists);
}

TEST_F(ProtocolVerbs, ALeaseGoesByItsToken) {
  session_.emplace(world_);
  session_->ask(add(R"(,"args":{"n":1})"));
  const auto taken = session_->ask(R"({"do":"lease","entity":"counter/a","for_ms":20000})");
  const std::string token = R"("lease":)" + member_of(taken, "/lease/token");
  EXPECT_EQ(member_of(session_->ask(add(R"(,"args":{"n":1})")), "/conflict/kind"), "\"leased\"");
  EXPECT_EQ(session_->last().conflict_of_one, cairn::conflict_kind::leased);
  EXPECT_EQ(session_->ask(add(R"(,"args":{"n":1},)" + token)),
            R"({"accepted":{"version":2,"position":1}})");
  EXPECT_EQ(session_->ask(R"({"do":"release","entity":"counter/a",)" + token + "}"),
            R"({"released":true})");
}
