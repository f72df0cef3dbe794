// Requests to types that the program `cairn` has none of: replies, policies, code that throws.
#include <cairn/cairn.hpp>
#include <cairn/protocol.hpp>

#include "tests/protocol/asked_session.hpp"
#include "tests/support/held_journal.hpp"
#include "tests/support/reply_text.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stdexcept>

namespace {

struct die {
  std::int64_t rolls = 0;
  struct roll {
    std::int64_t shows = 0;
  };
  struct peek {};
  struct rolled {
    std::int64_t shows = 0;
  };
  cairn::decision<cairn::replies<std::int64_t>, rolled> decide(const roll& command) const {
    if (command.shows > 6) throw std::runtime_error("a die has six sides");
    return {rolled{command.shows}, cairn::reply{command.shows}};
  }
  cairn::decision<cairn::replies<std::int64_t>, rolled> decide(const peek& /*command*/) const {
    return {cairn::reply{rolls}};
  }
  void apply(const rolled& /*event*/) {
    if (replay_throws) throw std::runtime_error("the die is gone");
    ++rolls;
  }
  static inline std::atomic<bool> replay_throws{false};

  using entity = cairn::entity<"die", cairn::commands<roll, peek>, cairn::snapshot_changes<0>>;
};

template <cairn::fixed_string Name, class Policy>
struct door {
  bool open = false;
  struct push {};
  struct pushed {};
  cairn::decision<pushed> decide(const push& /*command*/) const { return pushed{}; }
  void apply(const pushed& /*event*/) { open = !open; }
  using entity = cairn::entity<Name, cairn::commands<push>, Policy>;
};
using seen_door = door<"seen_door", cairn::require_expectation>;
using blind_door = door<"blind_door", cairn::refuse_expectation>;

/// Counting commutes with counting; it cannot be leased.
struct tally {
  std::int64_t sum = 0;
  struct count {
    std::int64_t n = 0;
  };
  struct counted {
    std::int64_t n = 0;
  };
  cairn::decision<counted> decide(const count& command) const { return counted{command.n}; }
  void apply(const counted& event) { sum += event.n; }
  using entity = cairn::entity<"tally", cairn::commands<count>, cairn::commutes<count, count>,
                               cairn::lease_ms_max<0>>;
};

class ProtocolPolicies : public testing::Test {
protected:
  ProtocolPolicies() {
    world_.host<die>();
    world_.host<seen_door>();
    world_.host<blind_door>();
    world_.host<tally>();
    asked_.emplace(world_);
  }

  std::string reply_to(std::string_view line) { return without_messages(asked_->ask(line)); }

  cairn::world world_;
  std::optional<asked_session> asked_;
};

constexpr auto roll_four =
    R"({"do":"send","entity":"die/a","command":"roll","args":{"shows":4},"id":"x"})";

} // namespace

TEST_F(ProtocolPolicies, AReplyComesWithTheAcceptanceAndWithEachDuplicate) {
  EXPECT_EQ(reply_to(roll_four), "{\"accepted\":{\"version\":1,\"position\":0,\"reply\":4}}");
  EXPECT_EQ(reply_to(roll_four),
            "{\"accepted\":{\"version\":1,\"position\":0,\"duplicate\":true,\"reply\":4}}");
}

TEST_F(ProtocolPolicies, WithoutEventsThereIsNoPosition) {
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"die/a","command":"peek"})"),
            "{\"accepted\":{\"version\":0,\"reply\":0}}");
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"die/a","command":"peek","args":null})"),
            "{\"accepted\":{\"version\":0,\"reply\":0}}");
}

TEST_F(ProtocolPolicies, AnEntityThatThrowsFailsAndTheStoreDoesNot) {
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"die/a","command":"roll","args":{"shows":7}})"),
            "{\"failed\":{\"error\":\"entity_error\",\"fate\":\"not_written\",\"message\":\"M\"}}");
  EXPECT_EQ(reply_to(roll_four), "{\"accepted\":{\"version\":1,\"position\":0,\"reply\":4}}");
  EXPECT_FALSE(asked_->last().store_failed);
}

TEST_F(ProtocolPolicies, AStoreThatFailsIsToldFromARequestThatDoes) {
  held_journal failing;
  cairn::world world({.journal = failing.source()});
  world.host<die>();
  asked_session asked(world);
  EXPECT_EQ(without_messages(asked.ask("{")), R"({"invalid":{"path":"","message":"M"}})");
  failing.fail_next(cairn::fate::in_doubt);
  EXPECT_EQ(without_messages(asked.ask(roll_four)),
            R"({"failed":{"error":"store_failed","fate":"in_doubt","message":"M"}})");
  EXPECT_TRUE(asked.last().store_failed);
  EXPECT_EQ(asked.last().error, cairn::journal_errc::store_failed);
  static_cast<void>(world.close());
}

TEST_F(ProtocolPolicies, AnEntityThatThrowsWhileItIsRebuiltFailsTheRead) {
  reply_to(roll_four);
  die::replay_throws = true;
  EXPECT_EQ(reply_to(R"({"do":"read","entity":"die/a","version":1})"),
            "{\"failed\":{\"error\":\"entity_error\",\"fate\":\"not_written\",\"message\":\"M\"}}");
  die::replay_throws = false;
  EXPECT_EQ(reply_to(R"({"do":"read","entity":"die/a","version":1})"),
            "{\"state\":{\"rolls\":1},\"version\":1,\"exists\":true}");
}

TEST_F(ProtocolPolicies, ATypeMayRequireAnExpectationForRemovalToo) {
  const std::string invalid = "{\"invalid\":{\"path\":\"expect\",\"message\":\"M\"}}";
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"seen_door/a","command":"push"})"), invalid);
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"seen_door/a","command":"push","expect":"any"})"),
            invalid);
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"seen_door/a","command":"push","expect":"absent"})"),
            "{\"accepted\":{\"version\":1,\"position\":0}}");
  EXPECT_EQ(reply_to(R"({"do":"remove","entity":"seen_door/a"})"), invalid);
  EXPECT_EQ(reply_to(R"({"do":"remove","entity":"seen_door/a","expect":{"at":1}})"),
            "{\"accepted\":{\"version\":2,\"position\":1}}");
}

TEST_F(ProtocolPolicies, ATypeMayRefuseAnExpectationForRemovalToo) {
  const std::string invalid = "{\"invalid\":{\"path\":\"expect\",\"message\":\"M\"}}";
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"blind_door/a","command":"push","expect":{"at":0}})"),
            invalid);
  EXPECT_EQ(reply_to(R"({"do":"send","entity":"blind_door/a","command":"push"})"),
            "{\"accepted\":{\"version\":1,\"position\":0}}");
  EXPECT_EQ(reply_to(R"({"do":"remove","entity":"blind_door/a","expect":{"at":1}})"), invalid);
  EXPECT_EQ(reply_to(R"({"do":"remove","entity":"blind_door/a","expect":"any"})"),
            "{\"accepted\":{\"version\":2,\"position\":1}}");
}

TEST_F(ProtocolPolicies, WhatWasStaleAndIsMergedSaysSo) {
  const auto count = [](std::string_view id, std::string_view more) {
    return R"({"do":"send","entity":"tally/a","command":"count","args":{"n":1},"id":")" +
           std::string(id) + "\"" + std::string(more) + "}";
  };
  reply_to(count("1", ""));
  reply_to(count("2", ""));
  const std::string stale = count("3", R"(,"expect":{"at":1},"show":["missed"])");
  EXPECT_EQ(reply_to(stale), "{\"accepted\":{\"version\":3,\"position\":2,\"merged\":true}}");
  EXPECT_EQ(reply_to(stale),
            "{\"accepted\":{\"version\":3,\"position\":2,\"merged\":true,\"duplicate\":true}}");
  EXPECT_EQ(
      reply_to(
          R"({"do":"transact","items":[{"entity":"tally/a","command":"count","args":{"n":1},"expect":{"at":1}}]})"),
      "{\"accepted\":{\"items\":[{\"version\":4,\"merged\":true}],\"position\":3}}");
}

TEST_F(ProtocolPolicies, AnItemOfATransactionHasAReply) {
  EXPECT_EQ(
      reply_to(
          R"({"do":"transact","items":[{"entity":"die/b","command":"roll","args":{"shows":2}},{"entity":"die/a","command":"peek"}]})"),
      "{\"accepted\":{\"items\":[{\"version\":1,\"reply\":2},{\"version\":0,\"reply\":0}],"
      "\"position\":0}}");
}

TEST_F(ProtocolPolicies, APolicyHoldsForTheItemsOfATransactionAndNotForDemands) {
  const auto blamed = [](const std::string& path) {
    return "{\"invalid\":{\"path\":\"" + path + "\",\"message\":\"M\"}}";
  };
  EXPECT_EQ(reply_to(R"({"do":"transact","items":[{"entity":"seen_door/a","command":"push"}]})"),
            blamed("items[0].expect"));
  EXPECT_EQ(reply_to(R"({"do":"transact","items":[{"entity":"seen_door/a","remove":true}]})"),
            blamed("items[0].expect"));
  EXPECT_EQ(
      reply_to(
          R"({"do":"transact","items":[{"entity":"die/a"},{"entity":"blind_door/a","command":"push","expect":{"at":0}}]})"),
      blamed("items[1].expect"));
  EXPECT_EQ(
      reply_to(
          R"({"do":"transact","items":[{"entity":"seen_door/a"},{"entity":"blind_door/a","expect":{"at":0}}]})"),
      "{\"accepted\":{\"items\":[{\"version\":0},{\"version\":0}]}}");
}

TEST_F(ProtocolPolicies, AThrowingEntityFailsTheTransactionAndIsNoStoreFailure) {
  EXPECT_EQ(
      reply_to(
          R"({"do":"transact","items":[{"entity":"die/b","command":"roll","args":{"shows":2}},{"entity":"die/a","command":"roll","args":{"shows":7}}]})"),
      "{\"failed\":{\"error\":\"entity_error\",\"fate\":\"not_written\",\"message\":\"M\"}}");
  EXPECT_FALSE(asked_->last().store_failed);
  EXPECT_EQ(reply_to(R"({"do":"read_all","entities":["die/b"]})"),
            "{\"position\":null,\"entities\":[{\"entity\":\"die/b\",\"state\":null,\"version\":0,"
            "\"exists\":false}]}");
}

TEST_F(ProtocolPolicies, AnUpdateOfAllCannotBringAnExpectation) {
  EXPECT_EQ(reply_to(R"({"do":"update_all","type":"seen_door","command":"push"})"),
            "{\"invalid\":{\"path\":\"type\",\"message\":\"M\"}}");
  reply_to(R"({"do":"send","entity":"blind_door/a","command":"push"})");
  reply_to(R"({"do":"send","entity":"blind_door/b","command":"push"})");
  reply_to(R"({"do":"send","entity":"blind_door/b","command":"push"})");
  const auto push_those = [](const std::string& op, const std::string& value) {
    return R"({"do":"update_all","type":"blind_door","command":"push","where":{"path":"/open","op":")" +
           op + R"(","value":)" + value + "}}";
  };
  EXPECT_EQ(reply_to(push_those("ge", "false")),
            "{\"updated\":{\"matched\":2,\"changed\":2,\"rejected\":0}}");
  EXPECT_EQ(reply_to(push_those("eq", "true")),
            "{\"updated\":{\"matched\":1,\"changed\":1,\"rejected\":0}}");
  EXPECT_EQ(reply_to(push_those("gt", "false")),
            "{\"updated\":{\"matched\":0,\"changed\":0,\"rejected\":0}}");
}

TEST_F(ProtocolPolicies, AFailingStoreIsCountedAndNamed) {
  held_journal failing;
  cairn::world world({.journal = failing.source()});
  world.host<die>();
  asked_session asked(world);
  asked.ask(roll_four);
  failing.fail_next(cairn::fate::in_doubt);
  EXPECT_EQ(asked.ask(R"({"do":"update_all","type":"die","command":"roll","args":{"shows":1}})"),
            "{\"updated\":{\"matched\":0,\"changed\":0,\"rejected\":0,\"failed\":1,\"error\":"
            "\"store_failed\"}}");
  EXPECT_EQ(asked.last().what, cairn::protocol::ending::done);
  EXPECT_TRUE(asked.last().store_failed);
  static_cast<void>(world.close());
}

TEST_F(ProtocolPolicies, ATypeMayRefuseLeases) {
  EXPECT_EQ(reply_to(R"({"do":"lease","entity":"tally/a","for_ms":1})"),
            "{\"invalid\":{\"path\":\"entity\",\"message\":\"M\"}}");
}

TEST_F(ProtocolPolicies, MessagesCutAQuotedKeyBetweenCharacters) {
  const auto reply = asked_->ask(R"({"do":"read","entity":")" + std::string(79, 'x') + "\u00e9\"}");
  EXPECT_EQ(member_of(reply, "/invalid/message"),
            "\"expected TYPE/ID, found \\\"" + std::string(79, 'x') + "\\\"\"");
}
