// What the request contract says of valid requests, line by line, through the real program.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

std::string id_of_bytes(std::size_t bytes) { return std::string(bytes, 'x'); }

} // namespace

TEST(ExecContract, RefIsEchoedAsGiven) {
  const std::string read = R"("do":"read","entity":"counter/a"})";
  const std::string state = R"("state":null,"version":0,"exists":false})";
  std::vector<exec_step> steps;
  for (const std::string ref :
       {"0", "-0", "-7", "9223372036854775807", "18446744073709551616",
        "123456789012345678901234567890", R"("")", R"("r1")", R"("a\u0041\/\ud83d\ude00")",
        R"("quote \" comma , brace }")", "\"\u00e9\u4e16\""}) {
    steps.push_back({"{\"ref\":" + ref + "," + read, "{\"ref\":" + ref + "," + state});
    steps.push_back({"{\"do\":\"read\",\"entity\":\"counter/a\",\"ref\" : " + ref + " }",
                     "{\"ref\":" + ref + "," + state});
  }
  steps.push_back({R"({"\u0072e\u0066":5,)" + read, R"({"ref":5,)" + state});
  steps.push_back({"{\"ref\":null," + read, "{" + state});
  steps.push_back({"{" + read, "{" + state});
  expect_dialogue(steps);
}

TEST(ExecContract, BlankLinesAreSkippedAndSpaceAroundALineIsNot) {
  const auto result = run_process(
      cairn_program(), exec_with(),
      "\n  \n\t\r\n" + add_line("counter/a", 1) + "\r\n\n  " + add_line("counter/a", 2) + "  \n\n");
  EXPECT_EQ(joined(result.lines),
            "{\"accepted\":{\"version\":1,\"position\":0}}\n"
            "{\"accepted\":{\"version\":2,\"position\":1}}\n");
  EXPECT_EQ(result.status, 0);
}

TEST(ExecContract, ALastLineNeedsNoEnd) {
  const auto result = run_process(cairn_program(), exec_with(), add_line("counter/a", 1));
  EXPECT_EQ(joined(result.lines), "{\"accepted\":{\"version\":1,\"position\":0}}\n");
  EXPECT_EQ(result.status, 0);
}

TEST(ExecContract, NullForAnOptionalFieldMeansAbsent) {
  expect_dialogue({
      {add_line("counter/a", 1, R"(,"ref":null,"expect":null,"id":null,"meta":null)"),
       R"({"accepted":{"version":1,"position":0}})"},
      {R"({"do":"read","entity":"counter/a","version":null})",
       R"({"state":{"value":1},"version":1,"exists":true})"},
      {R"({"do":"history","entity":"counter/a","from":null,"limit":null})",
       R"({"changes":[{"position":0,"version":1,"time":"T","command":"add","events":[{"name":"added","data":{"n":1}}]}],"more":false})"},
      {R"({"do":"list","type":"counter","after":null,"limit":null})",
       R"({"entities":[{"entity":"counter/a","version":1}],"more":false})"},
      {R"({"do":"remove","entity":"counter/a","expect":null,"id":null,"meta":null})",
       R"({"accepted":{"version":2,"position":1}})"},
  });
}

TEST(ExecContract, ExpectationsOnAnEntityThatNeverExisted) {
  const std::string created = R"({"accepted":{"version":1,"position":)";
  expect_dialogue({
      {add_line("counter/1", 1, R"(,"expect":"exists")"),
       R"({"conflict":{"entity":"counter/1","kind":"absent","expected":"exists","actual":0}})"},
      {add_line("counter/1", 1, R"(,"expect":{"at":1})"),
       R"({"conflict":{"entity":"counter/1","kind":"ahead","expected":1,"actual":0}})"},
      {add_line("counter/1", 1, R"(,"expect":{"at":9223372036854775807})"),
       R"({"conflict":{"entity":"counter/1","kind":"ahead","expected":9223372036854775807,"actual":0}})"},
      {add_line("counter/1", 1), created + "0}}"},
      {add_line("counter/2", 1, R"(,"expect":"any")"), created + "1}}"},
      {add_line("counter/3", 1, R"(,"expect":"absent")"), created + "2}}"},
      {add_line("counter/4", 1, R"(,"expect":{"at":0})"), created + "3}}"},
      {add_line("counter/4", 1, R"(,"expect":{"at":0})"),
       R"({"conflict":{"entity":"counter/4","kind":"stale","expected":0,"actual":1}})"},
      {add_line("counter/4", 1, R"(,"expect":"absent")"),
       R"({"conflict":{"entity":"counter/4","kind":"exists","expected":"absent","actual":1}})"},
      {add_line("counter/4", 1, R"(,"expect":"exists")"),
       R"({"accepted":{"version":2,"position":4}})"},
  });
}

TEST(ExecContract, RemoveConflictsAsAbsentOrDeletedWhateverItExpects) {
  const auto remove = [](const std::string& expect) {
    return R"({"do":"remove","entity":"counter/a")" +
           (expect.empty() ? "" : ",\"expect\":" + expect) + "}";
  };
  const auto conflict = [](const std::string& kind, const std::string& expect, int actual) {
    return R"({"conflict":{"entity":"counter/a","kind":")" + kind + R"(","expected":)" + expect +
           R"(,"actual":)" + std::to_string(actual) + "}}";
  };
  expect_dialogue({
      {remove(""), conflict("absent", R"("any")", 0)},
      {remove(R"("any")"), conflict("absent", R"("any")", 0)},
      {remove(R"("absent")"), conflict("absent", R"("absent")", 0)},
      {remove(R"("exists")"), conflict("absent", R"("exists")", 0)},
      {remove(R"({"at":0})"), conflict("absent", "0", 0)},
      {remove(R"({"at":5})"), conflict("absent", "5", 0)},
      {add_line("counter/a", 1), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1), R"({"accepted":{"version":2,"position":1}})"},
      {remove(R"({"at":1})"), conflict("stale", "1", 2)},
      {remove(R"({"at":3})"), conflict("ahead", "3", 2)},
      {remove(R"("absent")"), conflict("exists", R"("absent")", 2)},
      {remove(R"({"at":2})"), R"({"accepted":{"version":3,"position":2}})"},
      {remove(""), conflict("deleted", R"("any")", 3)},
      {remove(R"("absent")"), conflict("deleted", R"("absent")", 3)},
      {remove(R"("exists")"), conflict("deleted", R"("exists")", 3)},
      {remove(R"({"at":3})"), conflict("deleted", "3", 3)},
      {add_line("counter/a", 1), conflict("deleted", R"("any")", 3)},
      {add_line("counter/a", 1, R"(,"expect":"exists")"), conflict("deleted", R"("exists")", 3)},
      {add_line("counter/a", 1, R"(,"expect":{"at":2})"), conflict("deleted", "2", 3)},
      {add_line("counter/a", 7, R"(,"expect":"absent")"),
       R"({"accepted":{"version":4,"position":3}})"},
      {add_line("counter/a", 1, R"(,"expect":{"at":2})"), conflict("stale", "2", 4)},
      {read_line_of("counter/a"), R"({"state":{"value":7},"version":4,"exists":true})"},
  });
}

TEST(ExecContract, ReadsOfThePastAndOfWhatIsRemoved) {
  expect_dialogue({
      {read_line_of("counter/a"), R"({"state":null,"version":0,"exists":false})"},
      {R"({"do":"read","entity":"counter/a","version":0})",
       R"({"state":null,"version":0,"exists":false})"},
      {R"({"do":"read","entity":"counter/a","version":1})",
       R"({"failed":{"error":"no_such_version","fate":"not_written","message":"M"}})"},
      {add_line("counter/a", 5), R"({"accepted":{"version":1,"position":0}})"},
      {R"({"do":"remove","entity":"counter/a"})", R"({"accepted":{"version":2,"position":1}})"},
      {read_line_of("counter/a"), R"({"state":null,"version":2,"exists":false})"},
      {R"({"do":"read","entity":"counter/a","version":2})",
       R"({"state":null,"version":2,"exists":false})"},
      {R"({"do":"read","entity":"counter/a","version":1})",
       R"({"state":{"value":5},"version":1,"exists":true})"},
      {R"({"do":"read","entity":"counter/a","version":0})",
       R"({"state":null,"version":0,"exists":false})"},
      {R"({"do":"read","entity":"counter/a","version":3})",
       R"({"failed":{"error":"no_such_version","fate":"not_written","message":"M"}})"},
      {R"({"do":"read","entity":"counter/a","version":9223372036854775807})",
       R"({"failed":{"error":"no_such_version","fate":"not_written","message":"M"}})"},
  });
}

TEST(ExecContract, HistoryHasPagesAndTheFormOfTheJournal) {
  const std::string first =
      R"({"position":0,"version":1,"time":"T","command":"add","events":[{"name":"added","data":{"n":1}}],"meta":{"z":"1","a":"\u0007\"é"}})";
  const std::string second =
      R"({"position":1,"version":2,"time":"T","command":"set","events":[{"name":"value_set","data":{"value":9}}]})";
  const std::string third =
      R"({"position":2,"version":3,"time":"T","command":"$remove","events":[{"name":"$removed","data":{}}],"meta":{"why":""}})";
  const std::string history = R"({"do":"history","entity":"counter/a")";
  expect_dialogue({
      {add_line("counter/a", 1, R"(,"meta":{"z":"1","a":"\u0007\"é"})"),
       R"({"accepted":{"version":1,"position":0}})"},
      {R"({"do":"send","entity":"counter/a","command":"set","args":{"value":9},"meta":{}})",
       R"({"accepted":{"version":2,"position":1}})"},
      {R"({"do":"remove","entity":"counter/a","meta":{"why":""}})",
       R"({"accepted":{"version":3,"position":2}})"},
      {history + "}", "{\"changes\":[" + first + "," + second + "," + third + "],\"more\":false}"},
      {history + R"(,"limit":2})", "{\"changes\":[" + first + "," + second + "],\"more\":true}"},
      {history + R"(,"from":3,"limit":1})", "{\"changes\":[" + third + "],\"more\":false}"},
      {history + R"(,"from":2,"limit":1})", "{\"changes\":[" + second + "],\"more\":true}"},
      {history + R"(,"limit":10000})",
       "{\"changes\":[" + first + "," + second + "," + third + "],\"more\":false}"},
      {history + R"(,"from":4})",
       R"({"failed":{"error":"no_such_version","fate":"not_written","message":"M"}})"},
      {R"({"do":"history","entity":"counter/never"})", R"({"changes":[],"more":false})"},
  });
}

TEST(ExecContract, HistoryShowsAHundredChangesUnlessTold) {
  std::string input;
  for (int i = 0; i < 101; ++i) input += add_line("counter/a", 1) + "\n";
  input += R"({"do":"history","entity":"counter/a"})";
  const auto result = run_process(cairn_program(), exec_with(), input);
  ASSERT_EQ(result.lines.size(), 102U);
  EXPECT_EQ(member_of(result.lines.back(), "/changes/99/version"), "100");
  EXPECT_EQ(member_of(result.lines.back(), "/changes/100"), "");
  EXPECT_EQ(member_of(result.lines.back(), "/more"), "true");
}

TEST(ExecContract, ListIsInByteOrderOfTheIdAndLeavesOutWhatIsRemoved) {
  const auto accepted = [](int position) {
    return R"({"accepted":{"version":1,"position":)" + std::to_string(position) + "}}";
  };
  const auto listed = [](const std::vector<std::string>& ids, bool more) {
    std::string text;
    for (const auto& id : ids) {
      text += (text.empty() ? "" : ",") + (R"({"entity":"counter/)" + id) + R"(","version":1})";
    }
    return "{\"entities\":[" + text + "],\"more\":" + (more ? "true}" : "false}");
  };
  const std::string list = R"({"do":"list","type":"counter")";
  expect_dialogue({
      {list + "}", listed({}, false)},
      {add_line("counter/b", 1), accepted(0)},
      {add_line("counter/é", 1), accepted(1)},
      {add_line("counter/a/b", 1), accepted(2)},
      {add_line("counter/a", 1), accepted(3)},
      {add_line("counter/Z", 1), accepted(4)},
      {add_line("counter/gone", 1), accepted(5)},
      {R"({"do":"remove","entity":"counter/gone"})", R"({"accepted":{"version":2,"position":6}})"},
      {list + "}", listed({"Z", "a", "a/b", "b", "é"}, false)},
      {list + R"(,"limit":2})", listed({"Z", "a"}, true)},
      {list + R"(,"after":"a","limit":2})", listed({"a/b", "b"}, true)},
      {list + R"(,"after":"aa","limit":2})", listed({"b", "é"}, false)},
      {list + R"(,"after":""})", listed({"Z", "a", "a/b", "b", "é"}, false)},
      {list + R"(,"after":"é"})", listed({}, false)},
      {list + R"(,"limit":10000})", listed({"Z", "a", "a/b", "b", "é"}, false)},
      {R"({"do":"list","type":"address"})", listed({}, false)},
  });
}

TEST(ExecContract, EntityIdsAreAnyTextWithoutControlCharacters) {
  const auto accepted = [](int position) {
    return R"({"accepted":{"version":1,"position":)" + std::to_string(position) + "}}";
  };
  expect_dialogue({
      {add_line("counter//", 1), accepted(0)},
      {add_line("counter/ ", 1), accepted(1)},
      {add_line("counter/a/b//c", 1), accepted(2)},
      {add_line("counter/" + id_of_bytes(1024), 1), accepted(3)},
      {add_line("counter/世界 \\\"\\\\", 1), accepted(4)},
      {R"({"do":"read","entity":"counter/\u4e16\u754c \"\\"})",
       R"({"state":{"value":1},"version":1,"exists":true})"},
  });
}

TEST(ExecContract, CommandIdsAreAnsweredAsTheFirstTime) {
  const std::string with_id = R"(,"id":"c-1")";
  const std::string again = R"({"accepted":{"version":1,"position":0,"duplicate":true}})";
  const std::string reused =
      R"({"failed":{"error":"command_id_reused","fate":"not_written","message":"M"}})";
  expect_dialogue({
      {add_line("counter/a", -1, with_id),
       R"({"rejected":{"reason":"the value would be below 0"}})"},
      {add_line("counter/a", 1, with_id), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1, with_id), again},
      {add_line("counter/a", 1, with_id + R"(,"expect":{"at":7},"meta":{"who":"other"})"), again},
      {R"({"id":"c-1","args":{ "n" : 1 },"command":"add","entity":"counter/a","do":"send"})",
       again},
      {add_line("counter/a", 2, with_id), reused},
      {R"({"do":"send","entity":"counter/a","command":"set","args":{"value":1},"id":"c-1"})",
       reused},
      {R"({"do":"remove","entity":"counter/a","id":"c-1"})", reused},
      {add_line("counter/b", 2, with_id), R"({"accepted":{"version":1,"position":1}})"},
      {R"({"do":"remove","entity":"counter/a","id":"c-2"})",
       R"({"accepted":{"version":2,"position":2}})"},
      {R"({"do":"remove","entity":"counter/a","id":"c-2","expect":"absent"})",
       R"({"accepted":{"version":2,"position":2,"duplicate":true}})"},
      {add_line("counter/a", 1, with_id), again},
      {add_line("counter/a", 2, with_id), reused},
      {add_line("counter/a", 1, R"(,"id":"c-3")"),
       R"({"conflict":{"entity":"counter/a","kind":"deleted","expected":"any","actual":2}})"},
  });
}

TEST(ExecContract, ConflictsComeBeforeBusinessRules) {
  expect_dialogue({
      {add_line("counter/a", -1, R"(,"expect":{"at":3})"),
       R"({"conflict":{"entity":"counter/a","kind":"ahead","expected":3,"actual":0}})"},
      {add_line("counter/a", -1), R"({"rejected":{"reason":"the value would be below 0"}})"},
      {read_line_of("counter/a"), R"({"state":null,"version":0,"exists":false})"},
  });
}

TEST(ExecSamples, TheCounterStaysBetweenZeroAndTheLargestInteger) {
  const auto set = [](const std::string& value) {
    return R"({"do":"send","entity":"counter/a","command":"set","args":{"value":)" + value + "}}";
  };
  const std::string below = R"({"rejected":{"reason":"the value would be below 0"}})";
  const std::string above =
      R"({"rejected":{"reason":"the value would be above 9223372036854775807"}})";
  expect_dialogue({
      {add_line("counter/a", -1), below},
      {set("-1"), below},
      {set("-9223372036854775808"), below},
      {set("9223372036854775807"), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1), above},
      {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":9223372036854775807}})",
       above},
      {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":-9223372036854775808}})",
       below},
      {R"({"do":"send","entity":"counter/a","command":"add","args":{"n":-9223372036854775807}})",
       R"({"accepted":{"version":2,"position":1}})"},
      {read_line_of("counter/a"), R"({"state":{"value":0},"version":2,"exists":true})"},
  });
}

TEST(ExecSamples, ACommandThatChangesNothingIsAChange) {
  expect_dialogue({
      {add_line("counter/a", 0), R"({"accepted":{"version":1,"position":0}})"},
      {R"({"do":"send","entity":"counter/a","command":"set","args":{"value":0}})",
       R"({"accepted":{"version":2,"position":1}})"},
      {read_line_of("counter/a"), R"({"state":{"value":0},"version":2,"exists":true})"},
  });
}

TEST(ExecSamples, TheAddressTakesNothingEmpty) {
  const auto send = [](const std::string& command, const std::string& args) {
    return R"({"do":"send","entity":"address/a","command":")" + command + R"(","args":)" + args +
           "}";
  };
  expect_dialogue({
      {send("change_state", R"({"state":""})"), R"({"rejected":{"reason":"the state is empty"}})"},
      {send("change_county", R"({"county":""})"),
       R"({"rejected":{"reason":"the county is empty"}})"},
      {send("move", R"({"state":"","county":"Kerry"})"),
       R"({"rejected":{"reason":"the state is empty"}})"},
      {send("move", R"({"state":"Munster","county":""})"),
       R"({"rejected":{"reason":"the county is empty"}})"},
      {send("change_state", R"({"state":"Munster"})"),
       R"({"accepted":{"version":1,"position":0}})"},
      {send("change_county", R"({"county":"Kerry"})"),
       R"({"accepted":{"version":2,"position":1}})"},
      {read_line_of("address/a"),
       R"({"state":{"state":"Munster","county":"Kerry"},"version":2,"exists":true})"},
      {send("move", R"({"state":"Texas","county":"Bexar"})"),
       R"({"accepted":{"version":3,"position":2}})"},
      {R"({"do":"history","entity":"address/a"})",
       R"({"changes":[{"position":0,"version":1,"time":"T","command":"change_state","events":[{"name":"state_changed","data":{"state":"Munster"}}]},)"
       R"({"position":1,"version":2,"time":"T","command":"change_county","events":[{"name":"county_changed","data":{"county":"Kerry"}}]},)"
       R"({"position":2,"version":3,"time":"T","command":"move","events":[{"name":"moved","data":{"state":"Texas","county":"Bexar"}}]}],"more":false})"},
  });
}
