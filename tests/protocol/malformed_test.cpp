// Requests that are malformed, at each place.
#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include "tests/protocol/asked_session.hpp"
#include "tests/support/reply_text.hpp"
#include "tests/support/sample_entities.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace {

struct malformed {
  std::string members; ///< Behind `"ref":1`.
  std::string path;
};

const std::string sent = R"("do":"send","entity":"counter/a","command":"add")";
const std::string transacted = R"("do":"transact","items":)";
const std::string updated = R"("do":"update_all","type":"counter","command":"add")";

const malformed to_one_entity[] = {
    {R"("x":1)", "do"},
    {R"("do":"x")", "do"},
    {R"("do":7)", "do"},
    {R"("do":"read")", "entity"},
    {R"("do":"read","entity":7)", "entity"},
    {R"("do":"read","entity":"counter")", "entity"},
    {R"("do":"read","entity":"none/a")", "entity"},
    {R"("do":"read","entity":"counter/a","x":1)", "x"},
    {R"("do":"read","entity":"counter/a","version":-1)", "version"},
    {R"("do":"read","entity":"counter/a","version":1.0)", "version"},
    {R"("do":"history","entity":"counter/a","from":"1")", "from"},
    {R"("do":"history","entity":"counter/a","from":{"position":1})", "from.lineage"},
    {R"("do":"history","entity":"counter/a","from":{"position":1,"lineage":"x"})", "from.lineage"},
    {R"("do":"history","entity":"counter/a","from":{"place":1})", "from.place"},
    {R"("do":"history","entity":"counter/a","limit":0)", "limit"},
    {R"("do":"history","entity":"counter/a","limit":10001)", "limit"},
    {R"("do":"list")", "type"},
    {R"("do":"list","type":"none")", "type"},
    {R"("do":"list","type":"counter","after":1)", "after"},
    {R"("do":"list","type":"counter","limit":0)", "limit"},
    {R"("do":"send","entity":"counter/a")", "command"},
    {R"("do":"send","entity":"counter/a","command":"none")", "command"},
    {sent, "args.n"},
    {sent + R"(,"args":[])", "args"},
    {sent + R"(,"args":{"n":1,"m":1})", "args.m"},
    {sent + R"(,"args":{"n":1},"expect":"none")", "expect"},
    {sent + R"(,"args":{"n":1},"expect":{})", "expect.at"},
    {sent + R"(,"args":{"n":1},"expect":{"at":"1"})", "expect.at"},
    {sent + R"(,"args":{"n":1},"expect":{"at":1,"or":2})", "expect.or"},
    {sent + R"(,"args":{"n":1},"id":"")", "id"},
    {sent + R"(,"args":{"n":1},"id":")" + std::string(1025, 'x') + "\"", "id"},
    {sent + R"(,"args":{"n":1},"lease":"")", "lease"},
    {sent + R"(,"args":{"n":1},"meta":[])", "meta"},
    {sent + R"(,"args":{"n":1},"meta":{"who":1})", "meta.who"},
    {sent + R"(,"args":{"n":1},"show":"missed")", "show"},
    {sent + R"(,"args":{"n":1},"show":["missed","all"])", "show[1]"},
    {R"("do":"remove","entity":"counter/a","command":"add")", "command"},
    {R"("do":"lease","entity":"counter/a")", "for_ms"},
    {R"("do":"lease","entity":"counter/a","for_ms":0)", "for_ms"},
    {R"("do":"release","entity":"counter/a")", "lease"},
};

const malformed to_many_entities[] = {
    {R"("do":"transact")", "items"},
    {transacted + "{}", "items"},
    {transacted + "[]", "items"},
    {transacted + "[7]", "items[0]"},
    {transacted + R"([{"entity":"counter/a"},{"entity":"counter/a"}])", "items[1].entity"},
    {transacted + R"([{"entity":"counter/a","args":{}}])", "items[0].args"},
    {transacted + R"([{"entity":"counter/a","command":"add","args":{"n":1},"remove":true}])",
     "items[0].remove"},
    {transacted + R"([{"entity":"counter/a","lease":"x"}])", "items[0].lease"},
    {transacted + R"([{"entity":"counter/a","id":"x"}])", "items[0].id"},
    {transacted + R"([{"entity":"counter/a","command":"add","args":{"n":"1"}}])",
     "items[0].args.n"},
    {R"("do":"read_all","entities":[])", "entities"},
    {R"("do":"read_all","entities":["counter/a",1])", "entities[1]"},
    {R"("do":"read_all","entities":["counter/a","counter/a"])", "entities[1]"},
    {R"("do":"update_all","type":"none","command":"add")", "type"},
    {updated, "args.n"},
    {updated + R"(,"args":{"n":1},"id":"x")", "id"},
    {updated + R"(,"args":{"n":1},"atomic":1)", "atomic"},
    {updated + R"(,"args":{"n":1},"where":[])", "where"},
    {updated + R"(,"args":{"n":1},"where":{"path":"value","op":"eq","value":1})", "where.path"},
    {updated + R"(,"args":{"n":1},"where":{"path":"/value","op":"is","value":1})", "where.op"},
    {updated + R"(,"args":{"n":1},"where":{"path":"/value","op":"eq","value":[]})", "where.value"},
    {updated + R"(,"args":{"n":1},"where":{"path":"/value","op":"eq"})", "where.value"},
};

std::string blaming(const std::string& path) {
  return R"("invalid":{"path":")" + path + R"(","message":"M"}})";
}

class ProtocolMalformed : public testing::Test {
protected:
  ProtocolMalformed() {
    world_.host<sample::counter>();
    session_.emplace(world_);
  }

  std::string reply_to(std::string_view line) { return without_messages(session_->ask(line)); }

  void expect_blame(const malformed& one) {
    const std::string line = "{\"ref\":1," + one.members + "}";
    EXPECT_EQ(reply_to(line), "{\"ref\":1," + blaming(one.path)) << line;
    EXPECT_EQ(without_messages(session_->ask_value(boost::json::parse(line))),
              "{\"ref\":1," + blaming(one.path))
        << line;
  }

  cairn::world world_;
  std::optional<asked_session> session_;
};

} // namespace

TEST_F(ProtocolMalformed, ThePlaceIsBlamedAndNothingIsSent) {
  for (const auto& one : to_one_entity) expect_blame(one);
  for (const auto& one : to_many_entities) expect_blame(one);
  EXPECT_EQ(world_.counts().activations, 0U);
}

TEST_F(ProtocolMalformed, TextThatIsNoJsonKeepsItsRefWhereItIsAnObject) {
  EXPECT_EQ(reply_to(R"({"do":"read","ref":"a b","do":1})"), "{\"ref\":\"a b\"," + blaming("do"));
  EXPECT_EQ(reply_to(R"({"ref":7,"n":NaN})"), "{\"ref\":7," + blaming(""));
  for (const std::string line : {"", "{", "[]", "7", R"({"ref":1)", R"([{"ref":1}])"}) {
    EXPECT_EQ(reply_to(line), "{" + blaming("")) << line;
  }
}

TEST_F(ProtocolMalformed, ARefIsEchoedAsItWasGivenWhereverItStands) {
  const std::string read = R"("do":"read","entity":"counter/a")";
  const std::string rest = R"("state":null,"version":0,"exists":false})";
  for (const std::string ref : {"0", "-7", "123456789012345678901234567890", R"("")",
                                R"("\u0041\"}{")", R"("{\"ref\":1")"}) {
    EXPECT_EQ(reply_to("{" + read + R"(, "\u0072ef" : )" + ref + "}"),
              R"({"ref":)" + ref + "," + rest);
    EXPECT_EQ(reply_to(R"({"ref":)" + ref + "," + read + "}"), R"({"ref":)" + ref + "," + rest);
  }
  EXPECT_EQ(reply_to(R"({"ref":null,)" + read + "}"), "{" + rest);
  for (const std::string ref : {"1.0", "1e0", "true", "[]", R"({"ref":2})"}) {
    EXPECT_EQ(reply_to(R"({"ref":)" + ref + "," + read + "}"), "{" + blaming("ref")) << ref;
    EXPECT_EQ(without_messages(
                  session_->ask_value(boost::json::parse(R"({"ref":)" + ref + "," + read + "}"))),
              "{" + blaming("ref"))
        << ref;
  }
}

TEST_F(ProtocolMalformed, ALineThatIsTooLongKeepsItsRef) {
  cairn::protocol::session_options options;
  options.line_bytes_max = 60;
  asked_session bounded(world_, options);
  const std::string line = R"({"do":"read","entity":"counter/a","ref":1)";
  EXPECT_EQ(bounded.ask(line + "}"), R"({"ref":1,"state":null,"version":0,"exists":false})");
  EXPECT_EQ(without_messages(bounded.ask(line + std::string(60, ' ') + "}")),
            "{\"ref\":1," + blaming(""));
}
