// What the request contract says of lines that are no valid request, through the real program.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

constexpr std::size_t line_bytes_max = std::size_t{16} << 20U;

std::string send(const std::string& members) { return R"({"ref":1,"do":"send",)" + members + "}"; }

std::string add(const std::string& members) {
  return send(R"("entity":"counter/a","command":"add")" + (members.empty() ? "" : "," + members));
}

std::string add_with(const std::string& members) { return add(R"("args":{"n":1},)" + members); }

std::string of_entity(const std::string& key) {
  return send(R"("entity":")" + key + R"(","command":"add","args":{"n":1})");
}

} // namespace

TEST(ExecInvalid, LinesThatAreNotOneObjectHaveNoRef) {
  std::vector<exec_step> steps;
  for (const std::string line :
       {"nonsense", "{", "}", "[]", "[{\"ref\":1}]", "1", "\"text\"", "null", "true", "{\"ref\":1",
        "{\"ref\":1,}", "{\"ref\":1 \"do\":\"read\"}", "{\"ref\":1}{\"ref\":2}", "{\"ref\":1} x",
        "{'ref':1}", "{ref:1}", "{\"ref\":1,\"do\":[}]}", "\xEF\xBB\xBF{\"ref\":1}",
        "{\"ref\":1,\"do\":\"read"}) {
    steps.push_back({line, R"({"invalid":{"path":"","message":"M"}})"});
  }
  expect_dialogue(steps);
}

TEST(ExecInvalid, ARefIsTextOrInteger) {
  std::vector<exec_step> steps;
  for (const std::string ref : {"1.0", "1e0", "true", "false", "[]", "{}", "[1]", R"({"ref":2})"}) {
    steps.push_back({"{\"ref\":" + ref + R"(,"do":"read","entity":"counter/a"})",
                     R"({"invalid":{"path":"ref","message":"M"}})"});
  }
  expect_dialogue(steps);
}

TEST(ExecInvalid, TextThatIsNoJsonKeepsItsRef) {
  expect_invalid({
      {add(R"("args":{"n":NaN})"), ""},
      {add(R"("args":{"n":Infinity})"), ""},
      {add(R"("args":{"n":-Infinity})"), ""},
      {add(R"("args":{"n":1e999})"), ""},
      {add(R"("args":{"n":-1e999})"), ""},
      {add(R"("args":{"n":01})"), ""},
      {add(R"("args":{"n":+1})"), ""},
      {add(R"("args":{"n":.5})"), ""},
      {add(R"("args":{"n":0x10})"), ""},
      {add(R"("args":{"n":nul})"), ""},
      {add_with("\"id\":\"\xff\""), ""},
      {add_with("\"id\":\"\xc0\xaf\""), ""},
      {add_with("\"id\":\"\xed\xa0\x80\""), ""},
      {add_with("\"id\":\"tab\there\""), ""},
      {add_with(R"("id":"\ud800")"), ""},
      {add_with(R"("id":"\ude00\ud83d")"), ""},
      {add_with(R"("id":"\x")"), ""},
      {add_with(R"("deep":)" + std::string(600, '[') + std::string(600, ']')), ""},
      {"{\"ref\":1,\"do\":\"read\",\"do\":\"read\",\"entity\":\"counter/a\"}", "do"},
      {add(R"("args":{"n":1,"n":1})"), "args.n"},
      {add_with(R"("meta":{"who":"x","\u0077ho":"y"})"), "meta.who"},
  });
}

TEST(ExecInvalid, VerbsAndTypesAndCommandsAreKnown) {
  expect_invalid({
      {R"({"ref":1})", "do"},
      {R"({"ref":1,"do":null})", "do"},
      {R"({"ref":1,"do":1})", "do"},
      {R"({"ref":1,"do":"sned","entity":"counter/a"})", "do"},
      {R"({"ref":1,"do":"Read","entity":"counter/a"})", "do"},
      {R"({"ref":1,"do":"read"})", "entity"},
      {R"({"ref":1,"do":"read","entity":1})", "entity"},
      {R"({"ref":1,"do":"read","entity":"wallet/a"})", "entity"},
      {R"({"ref":1,"do":"history","entity":"wallet/a"})", "entity"},
      {R"({"ref":1,"do":"remove","entity":"wallet/a"})", "entity"},
      {send(R"("entity":"wallet/a","command":"add","args":{"n":1})"), "entity"},
      {R"({"ref":1,"do":"list"})", "type"},
      {R"({"ref":1,"do":"list","type":"wallet"})", "type"},
      {R"({"ref":1,"do":"list","type":"counter/a"})", "type"},
      {send(R"("entity":"counter/a")"), "command"},
      {send(R"("entity":"counter/a","command":null)"), "command"},
      {send(R"("entity":"counter/a","command":7)"), "command"},
      {send(R"("entity":"counter/a","command":"plus","args":{"n":1})"), "command"},
      {send(R"("entity":"counter/a","command":"$remove")"), "command"},
      {send(R"("entity":"address/a","command":"add","args":{"n":1})"), "command"},
  });
}

TEST(ExecInvalid, UnknownFieldsAreNamed) {
  expect_invalid({
      {add_with(R"("expected":{"at":1})"), "expected"},
      {add_with(R"("version":1)"), "version"},
      {add_with(R"("x":null)"), "x"},
      {add(R"("args":{"n":1,"m":2})"), "args.m"},
      {add_with(R"("expect":{"at":1,"or":2})"), "expect.or"},
      {R"({"ref":1,"do":"read","entity":"counter/a","from":1})", "from"},
      {R"({"ref":1,"do":"read","entity":"counter/a","id":"x"})", "id"},
      {R"({"ref":1,"do":"history","entity":"counter/a","after":"x"})", "after"},
      {R"({"ref":1,"do":"list","type":"counter","entity":"counter/a"})", "entity"},
      {R"({"ref":1,"do":"remove","entity":"counter/a","command":"add"})", "command"},
      {R"({"ref":1,"do":"remove","entity":"counter/a","args":{}})", "args"},
  });
}

TEST(ExecInvalid, ArgumentsHaveTheirTypes) {
  expect_invalid({
      {add(""), "args.n"},
      {add(R"("args":null)"), "args.n"},
      {add(R"("args":{})"), "args.n"},
      {add(R"("args":[])"), "args"},
      {add(R"("args":7)"), "args"},
      {add(R"("args":{"n":null})"), "args.n"},
      {add(R"("args":{"n":"1"})"), "args.n"},
      {add(R"("args":{"n":true})"), "args.n"},
      {add(R"("args":{"n":1.0})"), "args.n"},
      {add(R"("args":{"n":1e0})"), "args.n"},
      {add(R"("args":{"n":1.5})"), "args.n"},
      {add(R"("args":{"n":9223372036854775808})"), "args.n"},
      {add(R"("args":{"n":-9223372036854775809})"), "args.n"},
      {add(R"("args":{"n":18446744073709551616})"), "args.n"},
      {send(R"("entity":"address/a","command":"move","args":{"state":"x"})"), "args.county"},
      {send(R"("entity":"address/a","command":"move","args":{"state":"x","county":null})"),
       "args.county"},
  });
}

TEST(ExecInvalid, ExpectationsHaveTheirForms) {
  expect_invalid({
      {add_with(R"("expect":"sometimes")"), "expect"},
      {add_with(R"("expect":7)"), "expect"},
      {add_with(R"("expect":["any"])"), "expect"},
      {add_with(R"("expect":{})"), "expect.at"},
      {add_with(R"("expect":{"at":null})"), "expect.at"},
      {add_with(R"("expect":{"at":"1"})"), "expect.at"},
      {add_with(R"("expect":{"at":-1})"), "expect.at"},
      {add_with(R"("expect":{"at":1.0})"), "expect.at"},
      {add_with(R"("expect":{"at":1e0})"), "expect.at"},
      {add_with(R"("expect":{"at":9223372036854775808})"), "expect.at"},
      {add_with(R"("expect":{"at":18446744073709551616})"), "expect.at"},
      {R"({"ref":1,"do":"remove","entity":"counter/a","expect":{"at":-1}})", "expect.at"},
  });
}

TEST(ExecInvalid, IdsAndMetadataAreText) {
  expect_invalid({
      {add_with(R"("id":7)"), "id"},
      {add_with(R"("id":"")"), "id"},
      {add_with(R"("meta":"x")"), "meta"},
      {add_with(R"("meta":[])"), "meta"},
      {add_with(R"("meta":{"who":1})"), "meta.who"},
      {add_with(R"("meta":{"who":null})"), "meta.who"},
      {add_with(R"("meta":{"who":{"name":"x"}})"), "meta.who"},
  });
}

TEST(ExecInvalid, EntityIdsAreCheckedInEveryVerb) {
  const std::string too_long(1025, 'x');
  std::vector<blamed> cases;
  for (const std::string& key : std::vector<std::string>{
           "", "counter", "counter/", "/a", "counter/" + too_long, "counter/a\\u0000",
           "counter/a\\n", "counter/\\u007f", "counter/\\u0085",
           "counter/" + std::string(1023, 'x') + "é", std::string(79, 'x') + "é"}) {
    cases.push_back({of_entity(key), "entity"});
    for (const std::string verb : {"read", "remove", "history"}) {
      cases.push_back({R"({"ref":1,"do":")" + verb + R"(","entity":")" + key + "\"}", "entity"});
    }
  }
  expect_invalid(cases);
}

TEST(ExecInvalid, NumbersOfPagesAndVersionsHaveLimits) {
  std::vector<blamed> cases;
  for (const std::string limit : {"0", "-1", "10001", "1.0", "\"1\"", "18446744073709551616"}) {
    cases.push_back({R"({"ref":1,"do":"list","type":"counter","limit":)" + limit + "}", "limit"});
    cases.push_back(
        {R"({"ref":1,"do":"history","entity":"counter/a","limit":)" + limit + "}", "limit"});
  }
  for (const std::string version : {"-1", "9223372036854775808", "1.0", "\"1\"", "[]"}) {
    cases.push_back(
        {R"({"ref":1,"do":"read","entity":"counter/a","version":)" + version + "}", "version"});
    cases.push_back(
        {R"({"ref":1,"do":"history","entity":"counter/a","from":)" + version + "}", "from"});
  }
  cases.push_back({R"({"ref":1,"do":"list","type":"counter","after":7})", "after"});
  expect_invalid(cases);
}

TEST(ExecInvalid, MessagesSayWhatWasExpectedAndFound) {
  const auto result =
      run_process(cairn_program(), exec_with(),
                  joined({add(R"("args":{"n":"x"})"), add_with(R"("expect":{"at":-1})"),
                          R"({"do":"sned"})", R"({"do":"read","entity":"wallet/a"})",
                          R"({"do":"list","type":"counter","limit":0})"}));
  ASSERT_EQ(result.lines.size(), 5U);
  EXPECT_EQ(member_of(result.lines[0], "/invalid/message"),
            R"("expected integer, found string \"x\"")");
  EXPECT_EQ(member_of(result.lines[1], "/invalid/message"),
            R"("expected integer from 0 to 9223372036854775807, found integer -1")");
  EXPECT_EQ(
      member_of(result.lines[2], "/invalid/message"),
      R"("unknown verb, found string \"sned\"; the verbs are: send, remove, read, history, list, lease, release, transact, read_all, update_all")");
  EXPECT_EQ(member_of(result.lines[3], "/invalid/message"),
            R"("unknown type, found string \"wallet\"; this program has: address, counter")");
  EXPECT_EQ(member_of(result.lines[4], "/invalid/message"),
            R"("expected integer from 1 to 10000, found integer 0")");
}

TEST(ExecInvalid, ALineHasSixteenMebibytesAndNotOneByteMore) {
  std::string line = add_line("counter/a", 1, R"(,"ref":1)");
  line.insert(line.size() - 1, line_bytes_max - line.size(), ' ');
  std::string longer = line;
  longer.insert(longer.size() - 1, 1, ' ');
  expect_dialogue({
      {line, R"({"ref":1,"accepted":{"version":1,"position":0}})"},
      {longer, R"({"ref":1,"invalid":{"path":"","message":"M"}})"},
      {std::string(line_bytes_max + 1, 'x'), R"({"invalid":{"path":"","message":"M"}})"},
      {R"({"ref":")" + std::string(line_bytes_max, 'r') + "\"}",
       R"({"invalid":{"path":"","message":"M"}})"},
      {add_line("counter/a", 1), R"({"accepted":{"version":2,"position":1}})"},
  });
}

TEST(ExecInvalid, ALongLastLineNeedsNoEnd) {
  const auto result =
      run_process(cairn_program(), exec_with(), std::string(line_bytes_max + 5, ' ') + "x");
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(without_messages(result.lines[0]), R"({"invalid":{"path":"","message":"M"}})");
  EXPECT_EQ(result.status, 1);
}

#ifndef __SANITIZE_ADDRESS__ // which keeps freed memory
TEST(ExecInvalid, ALongLineIsNotHeldInMemory) {
  process_child child(cairn_program(), exec_with());
  const auto peak_kb = [&] { return std::stol(child.status_line("VmHWM")); };
  child.write(add_line("counter/a", 1) + "\n");
  ASSERT_TRUE(child.read_line());
  const long before_kb = peak_kb();
  const std::string chunk(std::size_t{1} << 20U, 'x');
  for (int i = 0; i < 128; ++i) child.write(chunk);
  child.write("\n");
  ASSERT_EQ(without_messages(child.read_line().value()),
            R"({"invalid":{"path":"","message":"M"}})");
  EXPECT_LT(peak_kb() - before_kb, 64 * 1024);
  child.close_input();
  EXPECT_EQ(child.wait(), 1);
}
#endif
