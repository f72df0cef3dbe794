// Recovery of many entities at once (invariant 5): the same as one by one, and each change read once for all.

#include "persistence/replay/group_recovery.hpp"

#include "persistence/replay/recovery.hpp"
#include "tests/persistence/altered_journal.hpp"
#include "tests/persistence/authored_journal.hpp"
#include "tests/support/sample_entities.hpp"
#include "tests/support/watched_journal.hpp"

#include <gtest/gtest.h>

#include <random>

namespace cairn {
namespace {

using testing::author;
using testing::counter;
using testing::dice;
using testing::watched_journal;

/// Remembers stale commands of the past, also of the time before its snapshot.
struct merger {
  std::int64_t value = 0;

  struct add {
    std::int64_t n = 0;
  };
  struct added {
    std::int64_t n = 0;
  };

  decision<added> decide(const add& command) const { return added{command.n}; }
  void apply(const added& event) { value += event.n; }

  using entity = cairn::entity<"merger", commands<add>, commutes<add, add>, merge_window<8>>;
};

/// Throws while it is rebuilt, when it is told to.
struct bomb {
  int dummy = 0;
  static inline bool armed = false;

  struct add {};
  struct added {};

  decision<added> decide(const add& /*command*/) const { return added{}; }
  void apply(const added& /*event*/) {
    if (armed) throw 7;
  }

  using entity = cairn::entity<"bomb", commands<add>>;
};

std::string shown(const live_entity& live) {
  std::string text;
  json::problem wrong;
  EXPECT_TRUE(persistence::encode_snapshot(
      text, live, wrong)); // state, aspects, timers, ids with their positions
  return std::to_string(live.standing().version) + " " + text;
}

class GroupRecovery : public ::testing::Test {
protected:
  const entity_type* type_of_key(std::string_view key) const {
    for (const auto* type :
         {&counter(), &dice(), &type_descriptor<merger>(), &type_descriptor<bomb>()})
      if (type->name == type_of(key)) return type;
    return nullptr;
  }

  std::vector<persistence::recovered_entity> recover(const journal& from,
                                                     const std::vector<std::string>& keys) {
    std::vector<persistence::wanted_entity> wanted;
    for (const auto& key : keys) wanted.push_back({type_of_key(key), key});
    std::vector<persistence::recovered_entity> all(keys.size());
    std::size_t given = 0;
    persistence::recover_entities(from, wanted,
                                  [&](std::size_t index, persistence::recovered_entity made) {
                                    EXPECT_EQ(all[index].entity, nullptr);
                                    all[index] = std::move(made);
                                    ++given;
                                  });
    EXPECT_EQ(given, keys.size());
    return all;
  }

  /// As `recover_entity` has it.
  std::string alone(const std::string& key) const {
    std::unique_ptr<live_entity> live;
    const auto read =
        persistence::recover_entity(*inside_, *type_of_key(key), key, version_max, live);
    EXPECT_TRUE(read.ok()) << read.message;
    return shown(*live);
  }

  void expect_like_alone(const std::vector<std::string>& keys) {
    const auto all = recover(watched_, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ASSERT_TRUE(all[i].failure.ok()) << all[i].failure.message;
      EXPECT_EQ(shown(*all[i].entity), alone(keys[i])) << keys[i];
    }
  }

  watched_journal::counts seen_;
  journal* inside_ = nullptr;
  watched_journal watched_{[this] {
                             auto made = memory()();
                             inside_ = made.get();
                             return made;
                           }(),
                           seen_};
  author writes_{*inside_};
};

TEST_F(GroupRecovery, ReadsEachChangeOnceForAllThatLieTogether) {
  std::vector<std::string> keys;
  for (int i = 0; i < 50; ++i) keys.push_back("counter/" + std::to_string(i));
  for (int round = 0; round < 40; ++round)
    for (int i = 0; i < 50; ++i) writes_.send(counter(), std::to_string(i), "add", R"({"n":1})");
  expect_like_alone(keys);
  EXPECT_EQ(seen_.scanned, 50U * 40U);
  EXPECT_EQ(seen_.reads, 0U);
}

TEST_F(GroupRecovery, ReadsBehindTheSnapshotsOnly) {
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back("counter/" + std::to_string(i));
  for (int round = 0; round < 30; ++round)
    for (int i = 0; i < 20; ++i) {
      writes_.send(counter(), std::to_string(i), "add", R"({"n":1})");
      if (round == 24) writes_.snapshot("counter/" + std::to_string(i));
    }
  const auto all = recover(watched_, keys);
  EXPECT_EQ(all[7].snapshot, 25U);
  expect_like_alone(keys);
  EXPECT_LE(seen_.scanned, 2 * 20U * 6U);
  EXPECT_EQ(seen_.reads, 0U);
}

TEST_F(GroupRecovery, ReadsAloneWhatLiesScattered) {
  writes_.send(counter(), "a", "add", R"({"n":1})");
  for (int i = 0; i < 3'000; ++i) writes_.send(counter(), "other", "add", R"({"n":1})");
  writes_.send(counter(), "b", "add", R"({"n":1})");
  writes_.send(counter(), "b", "add", R"({"n":1})");
  expect_like_alone({"counter/a", "counter/b", "counter/none"});
  EXPECT_EQ(seen_.reads, 2U);
  EXPECT_EQ(seen_.scanned, 0U);
}

TEST_F(GroupRecovery, OfAllTypesWithSnapshotsIdsRemovalsAndMergesIsAsOneByOne) {
  std::mt19937 random(3);
  std::vector<std::string> keys;
  std::map<std::string, bool> removed;
  for (int i = 0; i < 12; ++i)
    for (const auto& type : {"counter/", "dice/", "merger/"})
      keys.push_back(type + std::to_string(i));
  for (int step = 0; step < 3'000; ++step) {
    const auto& key = keys[random() % keys.size()];
    const std::string id(id_of(key));
    const auto& type = *type_of_key(key);
    if (random() % 40 == 0 && type_of(key) == "counter" && writes_.entities().contains(key) &&
        !removed[key]) {
      writes_.remove(type, id);
      removed[key] = true;
      continue;
    }
    if (removed[key]) continue;
    cause why;
    if (random() % 3 == 0) why.id = "c" + std::to_string(step);
    const std::string arguments = type_of(key) == "dice" ? R"({"times":2})" : R"({"n":3})";
    writes_.send(type, id, type_of(key) == "dice" ? "roll" : "add", arguments, why);
    if (random() % 20 == 0) writes_.snapshot(key);
  }
  expect_like_alone(keys);
  for (std::size_t few : {1U, 2U, 7U}) expect_like_alone({keys.begin(), keys.begin() + few});
}

TEST_F(GroupRecovery, WhoHasMuchToReplayHoldsUpNobody) {
  for (int i = 0; i < 5'000; ++i) writes_.send(counter(), "long", "add", R"({"n":1})");
  for (int i = 0; i < 10; ++i)
    for (const auto* id : {"a", "b", "c"}) writes_.send(counter(), id, "add", R"({"n":1})");
  const std::vector<std::string> keys{"counter/long", "counter/a", "counter/b", "counter/c"};
  std::vector<persistence::wanted_entity> wanted;
  for (const auto& key : keys) wanted.push_back({&counter(), key});
  std::vector<std::size_t> given;
  persistence::recover_entities(watched_, wanted,
                                [&](std::size_t index, const persistence::recovered_entity& made) {
                                  EXPECT_TRUE(made.failure.ok()) << made.failure.message;
                                  given.push_back(index);
                                });
  ASSERT_EQ(given.size(), 4U);
  EXPECT_EQ(given.back(), 0U);
}

TEST_F(GroupRecovery, WhoThrowsFailsAlone) {
  for (int i = 0; i < 10; ++i) {
    writes_.send(counter(), "a", "add", R"({"n":1})");
    writes_.send(type_descriptor<bomb>(), "b", "add", "{}");
    writes_.send(counter(), "c", "add", R"({"n":1})");
  }
  bomb::armed = true;
  const auto all = recover(watched_, {"counter/a", "bomb/b", "counter/c"});
  bomb::armed = false;
  EXPECT_TRUE(all[0].failure.ok());
  EXPECT_EQ(all[1].failure.error, entity_errc::entity_error);
  EXPECT_NE(all[1].failure.message.find("bomb/b"), std::string::npos) << all[1].failure.message;
  EXPECT_EQ(all[1].entity, nullptr);
  EXPECT_TRUE(all[2].failure.ok());
  EXPECT_EQ(all[2].entity->standing().version, 10U);
}

// Invariant 9: a gap is an error of the entity that has it, and of nobody else.
TEST_F(GroupRecovery, WhoLacksAChangeFailsAlone) {
  for (int i = 0; i < 10; ++i) {
    writes_.send(counter(), "a", "add", R"({"n":1})");
    writes_.send(counter(), "b", "add", R"({"n":1})");
  }
  testing::altered_journal altered(*inside_);
  altered.change = [](record& next) { return next.entity != "counter/b" || next.version != 4; };
  const auto all = recover(altered, {"counter/a", "counter/b"});
  EXPECT_TRUE(all[0].failure.ok());
  EXPECT_EQ(all[1].failure.error, journal_errc::damaged);
}

} // namespace
} // namespace cairn
