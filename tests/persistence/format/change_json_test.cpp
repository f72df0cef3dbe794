// Changes as JSON, the form that `history` shows and the form that export writes and import reads.

#include <cairn/detail/change.hpp>
#include <cairn/json.hpp>

#include <gtest/gtest.h>

#include <random>

namespace cairn {
namespace {

change spent_in_a_unit() {
  change made;
  made.position = 17;
  made.previous = 12;
  made.entity = "wallet/al\"ice/ü";
  made.version = 4;
  made.time_us = 1'780'251'600'123'456;
  made.unit_index = 1;
  made.unit_size = 3;
  made.aspects = {"gold", "name"};
  made.events = {{"spent", 2, R"({"n":1.50,"s":"}],\"{"})"}, {"noted", 1, "[1e3,-0.0]"}};
  made.cause = {"spend", "c-17", {}, {{"who", "x"}, {"why", "tab\t"}}, "7.0", R"({"n":1.50})"};
  made.cause.content = hash_content("spend", "{}");
  return made;
}

std::string exported(const change& source) {
  std::string line;
  write_export_json(line, source);
  return line;
}

std::string body_of(const change& source) {
  std::string body;
  encode_change_body(body, source);
  return body;
}

std::string problem_of(const std::string& line) {
  change read;
  std::string wrong;
  return read_export_json(line, read, wrong) ? "" : wrong;
}

/// `line` with `from` replaced.
std::string altered(std::string line, const std::string& from, const std::string& to) {
  const auto at = line.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << line;
  return line.replace(at, from.size(), to);
}

TEST(HistoryJson, ShowsAChangeAsRequestsSeeIt) {
  std::string out;
  write_history_json(out, spent_in_a_unit());
  EXPECT_EQ(
      out, R"({"position":17,"version":4,"time":"2026-05-31T18:20:00.123456Z","command":"spend",)"
           R"("events":[{"name":"spent","schema":2,"data":{"n":1.50,"s":"}],\"{"}},)"
           R"({"name":"noted","data":[1e3,-0.0]}],"meta":{"who":"x","why":"tab\t"},"unit":[1,3]})");
}

TEST(HistoryJson, LeavesOutMetaWhereThereIsNone) {
  auto shown = spent_in_a_unit();
  shown.cause.meta.clear();
  std::string out;
  write_history_json(out, shown);
  EXPECT_EQ(out.find("meta"), std::string::npos);
}

TEST(ExportJson, ReadsBackEveryPartToTheByte) {
  const auto source = spent_in_a_unit();
  const auto line = exported(source);
  change read;
  std::string wrong;
  ASSERT_TRUE(read_export_json(line, read, wrong)) << wrong;
  EXPECT_EQ(exported(read), line);
  EXPECT_EQ(body_of(read), body_of(source));
  EXPECT_EQ(read.position, source.position);
  EXPECT_EQ(read.previous, source.previous);
  EXPECT_EQ(read.entity, source.entity);
  EXPECT_EQ(read.version, source.version);
  EXPECT_EQ(read.time_us, source.time_us);
  EXPECT_EQ(read.unit_index, source.unit_index);
  EXPECT_EQ(read.unit_size, source.unit_size);
  EXPECT_EQ(read.removes, source.removes);
  boost::json::value strict;
  json::problem bad;
  EXPECT_TRUE(json::parse(line, strict, bad)) << bad.text();
}

TEST(ExportJson, LeavesOutWhatAChangeDoesNotHave) {
  change small;
  small.position = 0;
  small.entity = "a/b";
  small.version = 1;
  small.events = {{"made", 1, "{}"}};
  small.cause.command = "make";
  EXPECT_EQ(
      exported(small),
      R"({"position":0,"entity":"a/b","version":1,"previous":null,)"
      R"("time":"1970-01-01T00:00:00.000000Z","events":[{"name":"made","schema":1,"data":{}}],)"
      R"("command":"make"})");
  change read;
  std::string wrong;
  ASSERT_TRUE(read_export_json(exported(small), read, wrong)) << wrong;
  EXPECT_EQ(read.previous, no_position);
  EXPECT_EQ(body_of(read), body_of(small));
}

TEST(ExportJson, TakesPayloadsApartWithoutLookingIntoTheirNumbers) {
  for (const char* data :
       {"1.0", "-0.0", "1E+2", "123456789012345678901234567890.5", "\"\\u00e9\\\\\"", "[[],{}]",
        "null", "true", "[\"]\",\"}\",\"\\\"\"]"}) {
    auto source = spent_in_a_unit();
    source.events[0].data = data;
    source.cause.reply = data;
    change read;
    std::string wrong;
    ASSERT_TRUE(read_export_json(exported(source), read, wrong)) << data << ": " << wrong;
    EXPECT_EQ(read.events[0].data, data);
    EXPECT_EQ(read.cause.reply, data);
  }
}

TEST(ExportJson, ReadsMembersInAnyOrderAndWithSpace) {
  change read;
  std::string wrong;
  EXPECT_TRUE(read_export_json(
      R"( { "command":"make", "events":[ {"data": [1, 2] ,"schema":1,"name":"made"} ], "time":"1970-01-01T00:00:00Z",)"
      R"("previous":null,"version":1,"entity":"a/b","position":0 } )",
      read, wrong))
      << wrong;
  EXPECT_EQ(read.events.at(0).data, "[1, 2]");
}

TEST(ExportJson, NamesMemberAndReasonOfWhatItRefuses) {
  const auto line = exported(spent_in_a_unit());
  const struct {
    std::string line;
    std::string wrong;
  } cases[] = {
      {"", "expected { at byte 0"},
      {"[]", "expected { at byte 0"},
      {line + "x", "extra data at byte " + std::to_string(line.size())},
      {line.substr(0, line.size() - 1), "expected , at byte " + std::to_string(line.size() - 1)},
      {altered(line, "\"position\":17", "\"position\":17,\"position\":17"),
       "position: stands twice"},
      {altered(line, "\"position\":17,", ""), "position: is missing"},
      {altered(line, "\"position\":17", "\"position\":1.7"), "position: expected integer"},
      {altered(line, "\"position\":17", "\"position\":-1"), "position: expected integer"},
      {altered(line, "\"position\":17", "\"position\":017"), "position: expected integer"},
      {altered(line, "\"version\":4", "\"version\":0"), "version: expected integer from 1"},
      {altered(line, "\"version\":4", "\"version\":9223372036854775808"),
       "version: expected integer from 1"},
      {altered(line, "\"version\":4", "\"version\":\"4\""), "version: expected integer"},
      {altered(line, "\"previous\":12", "\"previous\":true"), "previous: expected integer"},
      {altered(line, "\"size\":3", "\"size\":1"), "unit: does not contain"},
      {altered(line, "\"size\":3", "\"size\":5000000000"), "unit: does not contain"},
      {altered(line, "\"size\":3", "\"length\":3"), "unit.length: unknown field"},
      {altered(line, "05-31T", "02-31T"), "time: expected a time"},
      {altered(line, "\"schema\":2", "\"schema\":4294967296"), "events[0].schema: is out of range"},
      {altered(line, "\"data\":[1e3", "\"data\":[01"), "events[1].data: "},
      {altered(line, "\"data\":[1e3", "\"data\":[1e999"), "events[1].data: number out of range"},
      {altered(line, "{\"n\":1.50,\"s\"", "{\"s\":1,\"s\""), "events[0].data: s: stands twice"},
      {altered(line, "\"reply\":7.0", "\"reply\":NaN"), "reply: "},
      {altered(line, "\"reply\":7.0", "\"reply\":"), "reply: "},
      {altered(line, "\"who\":\"x\"", "\"who\":1"), "meta.who: expected string"},
      {altered(line, "\"who\":\"x\"", "\"who\":\"\\ud800\""), "meta.who: "},
      {altered(line, "\"who\":\"x\"", "\"who\":\"\xff\""), "meta.who: text is not valid UTF-8"},
      {altered(line, "\"who\":", "\"why\":"), "meta.why: stands twice"},
      {altered(line, "\"id\":\"c-17\",", ""), "id: an id and its content"},
      {altered(line, "\"id\":\"c-17\"", "\"id\":\"\""), "content: an id and its content"},
      {altered(line, "\"content\":\"", "\"content\":\"0"), "content: expected 32"},
      {altered(line, "\"command\"", "\"comand\""),
       "comand: unknown field \"comand\"; the fields are: position"},
      {altered(line, "wallet/", "wallet"), "entity: an entity id is"},
      {altered(line, "wallet/al\\\"ice/", ""), "entity: expected TYPE/ID"},
  };
  for (const auto& [text, wrong] : cases) {
    const auto found = problem_of(text);
    if (wrong == "entity: an entity id is") {
      EXPECT_TRUE(found.empty()) << found; // `walletal"ice/ü` is an entity as well
    } else {
      EXPECT_EQ(found.substr(0, wrong.size()), wrong) << text;
    }
  }
}

TEST(ExportJson, CutAnywhereIsRefused) {
  const auto line = exported(spent_in_a_unit());
  for (std::size_t size = 0; size < line.size(); ++size)
    EXPECT_NE(problem_of(line.substr(0, size)), "") << size;
}

TEST(ExportJson, AnyByteFlippedIsRefusedOrReadsAsWhatItSays) {
  const auto line = exported(spent_in_a_unit());
  for (std::size_t at = 0; at < line.size(); ++at) {
    for (const int bit : {1, 2, 16, 64, 128}) {
      auto flipped = line;
      flipped[at] = static_cast<char>(flipped[at] ^ bit);
      change read;
      std::string wrong;
      if (!read_export_json(flipped, read, wrong)) {
        EXPECT_NE(wrong, "");
        continue;
      }
      change again;
      ASSERT_TRUE(read_export_json(exported(read), again, wrong)) << wrong;
      EXPECT_EQ(body_of(again), body_of(read));
    }
  }
}

TEST(IsoTime, WritesMicrosecondsInUtc) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(iso_time(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(iso_time(951'827'696'000'789), "2000-02-29T12:34:56.000789Z");
  EXPECT_EQ(iso_time(253'402'300'800'000'000), "+010000-01-01T00:00:00.000000Z");
}

TEST(IsoTime, ReadsWhatItWrites) {
  std::mt19937_64 random(11);
  std::uniform_int_distribution<std::int64_t> any(-9'000'000'000'000'000'000,
                                                  9'000'000'000'000'000'000);
  std::uniform_int_distribution<std::int64_t> near(-1'000'000'000'000'000, 10'000'000'000'000'000);
  for (int i = 0; i < 20'000; ++i) {
    for (const auto time : {any(random), near(random)})
      ASSERT_EQ(parse_iso_time(iso_time(time)), time);
  }
  // Up to the last: a stepped clock may stand there.
  for (const auto time :
       {INT64_MAX, INT64_MAX - 999'999, INT64_MIN, INT64_MIN + 1, INT64_MIN + 999'999})
    EXPECT_EQ(parse_iso_time(iso_time(time)), time) << iso_time(time);
}

TEST(IsoTime, ReachesTheFirstAndTheLastTimeAndNoFarther) {
  EXPECT_EQ(iso_time(INT64_MAX), "+294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(iso_time(INT64_MIN), "-290308-12-21T19:59:05.224192Z");
  for (const auto time :
       {INT64_MAX, INT64_MAX - 1, INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}})
    EXPECT_EQ(parse_iso_time(iso_time(time)), time);
  for (const char* wrong : {"+294247-01-10T04:00:54.775808Z", "+294247-12-31T00:00:00Z",
                            "-290308-12-21T19:59:05.224191Z", "-290309-01-01T00:00:00Z"})
    EXPECT_EQ(parse_iso_time(wrong), std::nullopt) << wrong;
}

TEST(IsoTime, TakesAnyFractionAndNothingElse) {
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:01.5Z"), 1'500'000);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:01.1234569Z"), 1'123'456);
  for (const char* wrong :
       {"", "1970-01-01", "1970-01-01T00:00:01", "1970-01-01T00:00:01.Z",
        "1970-01-01T00:00:01+01:00", "1970-02-30T00:00:00Z", "1900-02-29T00:00:00Z",
        "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-01-00T00:00:00Z",
        "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:60Z",
        "1970-1-01T00:00:00Z", "1970-01-01 00:00:00Z", "+999999-01-01T00:00:00Z",
        "+294247-01-10T04:00:55Z", "1970-01-01T00:00:00Zx"})
    EXPECT_EQ(parse_iso_time(wrong), std::nullopt) << wrong;
}

} // namespace
} // namespace cairn
