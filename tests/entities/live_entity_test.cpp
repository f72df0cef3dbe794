#include "entities/live_entity.hpp"

#include <cairn/entity.hpp>

#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

namespace {

using cairn::live_entity;
using sample::counter;

std::string state_of(const live_entity& entity) {
  std::string text;
  cairn::json::problem wrong;
  EXPECT_TRUE(entity.encode_state(text, wrong)) << wrong.text();
  return text;
}

/// Today's form of an account: amounts in cents, the event renamed from `paid` to `deposited`.
struct account {
  std::int64_t cents = 0;

  struct deposit {
    std::int64_t cents = 0;
  };
  struct deposited {
    std::int64_t cents = 0;
  };
  cairn::decision<deposited> decide(const deposit& command) const {
    return deposited{command.cents};
  }
  void apply(const deposited& event) { cents += event.cents; }

  static cairn::stored_event renamed(cairn::stored_event old) {
    old.name = "deposited";
    return old;
  }
  static cairn::stored_event in_cents(cairn::stored_event old) {
    const auto whole = old.data.as_object().at("amount").as_int64();
    old.data = boost::json::object{{"cents", whole * 100}};
    old.schema = 2;
    return old;
  }
  static cairn::stored_event circular(cairn::stored_event old) { return old; }

  using entity = cairn::entity<"account", cairn::commands<deposit>,
                               cairn::events<cairn::named<"deposited", deposited, 2>>,
                               cairn::upcast<"paid", 1, &account::renamed>,
                               cairn::upcast<"deposited", 1, &account::in_cents>,
                               cairn::upcast<"circle", 1, &account::circular>>;
};

TEST(LiveEntity, OldEventsAreReadThroughUpcasters) {
  live_entity entity(cairn::type_descriptor<account>());
  EXPECT_TRUE(entity.apply("paid", 1, R"({"amount":3})").ok());
  EXPECT_TRUE(entity.apply("deposited", 1, R"({"amount":2})").ok());
  EXPECT_TRUE(entity.apply("deposited", 2, R"({"cents":5})").ok());
  EXPECT_EQ(state_of(entity), R"({"cents":505})");
}

// Invariant 9: an unknown event stops the replay with an error that names it.
TEST(LiveEntity, AnUnknownEventIsAnErrorThatNamesIt) {
  live_entity entity(cairn::type_descriptor<account>());
  const auto unknown = entity.apply("stolen", 3, "{}");
  EXPECT_EQ(unknown.error, cairn::entity_errc::unknown_event);
  EXPECT_NE(unknown.message.find("event stolen of schema 3 is unknown to the type account"),
            std::string::npos);
  EXPECT_EQ(entity.apply("circle", 1, "{}").error, cairn::entity_errc::invalid_event);
  EXPECT_EQ(entity.apply("deposited", 2, R"({"cents":"x"})").message,
            "event deposited: cents: expected integer, found string \"x\"");
  EXPECT_EQ(entity.apply("deposited", 2, "{").error, cairn::entity_errc::invalid_event);
  EXPECT_EQ(state_of(entity), R"({"cents":0})");
}

/// A program that was rolled back, before `deposited` got its member `from`.
struct old_account {
  std::int64_t cents = 0;

  struct deposit {
    std::int64_t cents = 0;
  };
  struct deposited {
    std::int64_t cents = 0;
  };
  cairn::decision<deposited> decide(const deposit& command) const {
    return deposited{command.cents};
  }
  void apply(const deposited& event) { cents += event.cents; }

  using entity = cairn::entity<"account", cairn::commands<deposit>, cairn::read_leniently>;
};

TEST(LiveEntity, UnknownMembersOfAnEventArePassedOverOnlyWhereTheTypeAsksForIt) {
  const auto* const newer = R"({"cents":5,"from":"bob"})";
  live_entity strict(cairn::type_descriptor<account>());
  EXPECT_EQ(strict.apply("deposited", 2, newer).message,
            "event deposited: from: unknown field; the fields are: cents");
  live_entity lenient(cairn::type_descriptor<old_account>());
  EXPECT_TRUE(lenient.apply("deposited", 1, newer).ok());
  EXPECT_EQ(state_of(lenient), R"({"cents":5})");
  // What is wrong otherwise stays wrong, and so do commands.
  EXPECT_FALSE(lenient.apply("deposited", 1, R"({"from":"bob"})").ok());
  boost::json::value command;
  cairn::json::problem wrong;
  ASSERT_TRUE(cairn::json::parse(newer, command, wrong));
  old_account::deposit decoded;
  EXPECT_FALSE(lenient.type().commands[0].decode(command, &decoded, wrong));
}

TEST(LiveEntity, EventsThatAreTooLargeChangeNothing) {
  live_entity entity(cairn::type_descriptor<sample::form>());
  cairn::execution done(100);
  cairn::random_source random(1);
  const sample::form::write command{std::string(200, 'x')};
  entity.execute(entity.type().commands[0], &command, {{}, random, "form/a", 0, ""}, done);
  EXPECT_EQ(done.what(), cairn::execution::verdict::too_large);
  EXPECT_EQ(entity.standing().version, 0U);
  EXPECT_EQ(state_of(entity), R"({"text":""})");
}

TEST(LiveEntity, IdsAreForgottenBehindTheWindow) {
  cairn::id_window window(3);
  for (cairn::version_type version = 1; version <= 5; ++version) {
    auto command = std::make_shared<cairn::remembered_command>();
    command->id = "c" + std::to_string(version);
    command->version = version;
    window.remember(std::move(command));
    window.expire(version);
  }
  EXPECT_EQ(window.find("c2"), nullptr);
  ASSERT_NE(window.find("c3"), nullptr);
  EXPECT_EQ(window.find("c5")->version, 5U);
  window.expire(7);
  EXPECT_EQ(window.size(), 1U);
}

TEST(EntityKeys, AreTypeAndIdWithoutControlCharacters) {
  EXPECT_EQ(cairn::entity_key_problem("counter/a/b c\xE2\x98\x83"), "");
  EXPECT_EQ(cairn::type_of("counter/a/b"), "counter");
  EXPECT_EQ(cairn::id_of("counter/a/b"), "a/b");
  EXPECT_EQ(cairn::entity_key_problem("counter/" + std::string(1024, 'x')), "");
  for (const std::string& key : {std::string("counter"), std::string("/a"), std::string("counter/"),
                                 "counter/" + std::string(1025, 'x'), std::string("counter/a\nb"),
                                 std::string("counter/\x7F"), std::string("counter/\xC2\x85"),
                                 std::string("counter/\xFF"), std::string("counter/a\0b", 11)}) {
    EXPECT_NE(cairn::entity_key_problem(key), "") << key;
  }
}

} // namespace
