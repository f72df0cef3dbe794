// Where two JSON values differ, and what stands at a place: JSON pointers (RFC 6901).

#include "entities/json/json_paths.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace {

using paths = std::vector<std::string>;

paths between(const char* a, const char* b) {
  return cairn::differing_paths(boost::json::parse(a), boost::json::parse(b));
}

TEST(JsonPaths, EqualValuesDiffNowhere) {
  EXPECT_EQ(between(R"({"a":[1,{"b":null}]})", R"({"a":[1,{"b":null}]})"), paths{});
  EXPECT_EQ(between(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), paths{})
      << "the order of members is no difference";
}

TEST(JsonPaths, NameTheSmallestParts) {
  EXPECT_EQ(between(R"({"a":{"x":1,"y":2},"b":3})", R"({"a":{"x":1,"y":5},"b":4})"),
            (paths{"/a/y", "/b"}));
  EXPECT_EQ(between("1", "2"), paths{""}) << "the whole value";
  EXPECT_EQ(between(R"({"a":{"x":1}})", R"({"a":null})"), paths{"/a"});
}

TEST(JsonPaths, NameMembersThatOnlyOneSideHas) {
  EXPECT_EQ(between(R"({"gone":1,"stays":2})", R"({"stays":2,"new":3})"), (paths{"/gone", "/new"}));
}

TEST(JsonPaths, AnArrayOfAnotherLengthIsOnePart) {
  EXPECT_EQ(between(R"({"a":[1,2,3]})", R"({"a":[1,9,3]})"), paths{"/a/1"});
  EXPECT_EQ(between(R"({"a":[{"x":1},2]})", R"({"a":[{"x":2},2]})"), paths{"/a/0/x"});
  EXPECT_EQ(between(R"({"a":[1,2,3]})", R"({"a":[2,3]})"), paths{"/a"});
  EXPECT_EQ(between("[]", "[1]"), paths{""});
}

TEST(JsonPaths, EscapeWhatAPointerGivesMeaningTo) {
  EXPECT_EQ(between(R"({"a/b":1,"c~d":1,"":1,"~1":1})", R"({"a/b":2,"c~d":2,"":2,"~1":2})"),
            (paths{"/a~1b", "/c~0d", "/", "/~01"}));
}

TEST(JsonPaths, WhatWasFoundStandsAtItsPath) {
  const auto a = boost::json::parse(R"({"a/b":{"c~d":[1,{"":5}]}})");
  const auto b = boost::json::parse(R"({"a/b":{"c~d":[1,{"":6}]}})");
  const auto found = cairn::differing_paths(a, b);
  ASSERT_EQ(found.size(), 1U);
  const auto* value = cairn::find_at(b, found[0]);
  ASSERT_NE(value, nullptr) << found[0];
  EXPECT_EQ(*value, 6);
}

TEST(JsonPaths, FindWhatIsThereAndNothingElse) {
  const auto root = boost::json::parse(R"({"a":[10,20],"o":{"x":null},"t~/":1})");
  EXPECT_EQ(cairn::find_at(root, ""), &root);
  ASSERT_NE(cairn::find_at(root, "/a/1"), nullptr);
  EXPECT_EQ(*cairn::find_at(root, "/a/1"), 20);
  ASSERT_NE(cairn::find_at(root, "/o/x"), nullptr);
  EXPECT_TRUE(cairn::find_at(root, "/o/x")->is_null()) << "null is something";
  ASSERT_NE(cairn::find_at(root, "/t~0~1"), nullptr);
  for (const char* nowhere : {"/b", "/a/2", "/a/-", "/a/x", "/a/01", "/a/-1", "/o/x/y", "/a/0/0",
                              "a", "/t~2", "/t~", "/"}) {
    EXPECT_EQ(cairn::find_at(root, nowhere), nullptr) << nowhere;
  }
}

} // namespace
