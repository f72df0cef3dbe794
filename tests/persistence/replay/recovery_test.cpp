// Recovery of one entity (invariant 5): from the newest snapshot that fits or from the first
// change, with the same state, version and command ids.

#include "persistence/replay/recovery.hpp"

#include "entities/bytes.hpp"
#include "tests/persistence/authored_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using testing::author;
using testing::counter;

cause with_id(std::string id) {
  cause why;
  why.id = std::move(id);
  return why;
}

std::string state_of(const live_entity& live) {
  std::string state;
  json::problem wrong;
  EXPECT_TRUE(live.encode_state(state, wrong));
  return state;
}

std::unique_ptr<live_entity> recovered(const journal& from, version_type at_most = version_max) {
  std::unique_ptr<live_entity> live;
  const auto result = persistence::recover_entity(from, counter(), "counter/a", at_most, live);
  EXPECT_TRUE(result.ok()) << result.message;
  return live;
}

class Recovery : public ::testing::Test {
protected:
  std::unique_ptr<journal> journal_ = memory()();
  author writes_{*journal_};
};

TEST_F(Recovery, OfWhatNeverExistedIsTheDefaultStateAtVersionZero) {
  const auto live = recovered(*journal_);
  EXPECT_EQ(live->standing().version, 0U);
  EXPECT_EQ(state_of(*live), R"({"value":0})");
}

TEST_F(Recovery, WithAndWithoutSnapshotsIsTheSame) {
  const auto plain = memory()();
  author copies(*plain);
  for (int i = 1; i <= 100; ++i) {
    const auto arguments = "{\"n\":" + std::to_string(i) + "}";
    for (auto* to : {&writes_, &copies})
      to->send(counter(), "a", "add", arguments, with_id("c" + std::to_string(i)));
    if (i % 30 == 0) writes_.snapshot("counter/a");
  }
  for (const version_type at : {1U, 29U, 30U, 31U, 90U, 99U, 100U}) {
    const auto fast = recovered(*journal_, at);
    const auto slow = recovered(*plain, at);
    EXPECT_EQ(fast->standing().version, at);
    EXPECT_EQ(state_of(*fast), state_of(*slow));
    EXPECT_EQ(fast->ids().size(), slow->ids().size()) << at;
    for (version_type id = 1; id <= 100; ++id) {
      const auto in_fast = fast->ids().find("c" + std::to_string(id));
      const auto in_slow = slow->ids().find("c" + std::to_string(id));
      ASSERT_EQ(in_fast == nullptr, in_slow == nullptr) << at << " " << id;
      if (in_fast == nullptr) continue;
      EXPECT_EQ(in_fast->position, in_slow->position);
    }
  }
}

TEST_F(Recovery, BeginsAnewAfterARemoval) {
  writes_.send(counter(), "a", "add", R"({"n":5})").remove(counter(), "a");
  const auto removed = recovered(*journal_);
  EXPECT_TRUE(removed->standing().removed);
  EXPECT_EQ(removed->standing().version, 2U);
  writes_.snapshot("counter/a").send(counter(), "a", "add", R"({"n":2})");
  const auto anew = recovered(*journal_);
  EXPECT_EQ(anew->standing().version, 3U);
  EXPECT_EQ(state_of(*anew), R"({"value":2})");
  EXPECT_EQ(state_of(*recovered(*journal_, 1)), R"({"value":5})");
}

TEST_F(Recovery, TakesASnapshotAtItsWordAndIgnoresOneOfAnotherShape) {
  writes_.send(counter(), "a", "add", R"({"n":5})").snapshot("counter/a", R"({"value":77})");
  EXPECT_EQ(state_of(*recovered(*journal_)),
            R"({"value":77})"); // so a wrong one is for `replay --verify`
  auto reshaped = counter();
  reshaped.fingerprint ^= 1U;
  std::unique_ptr<live_entity> live;
  ASSERT_TRUE(
      persistence::recover_entity(*journal_, reshaped, "counter/a", version_max, live).ok());
  EXPECT_EQ(state_of(*live), R"({"value":5})");
}

TEST_F(Recovery, OfADamagedSnapshotIsAnErrorWithItsPlace) {
  writes_.send(counter(), "a", "add", R"({"n":5})");
  append_batch batch;
  batch.snapshots.push_back({"counter/a", 1, no_position, "\x01\x00nonsense"});
  journal_->append(batch, [](append_result) {});
  std::unique_ptr<live_entity> live;
  const auto result =
      persistence::recover_entity(*journal_, counter(), "counter/a", version_max, live);
  EXPECT_FALSE(result.ok());
  EXPECT_NE(result.message.find("snapshot of counter/a at version 1"), std::string::npos)
      << result.message;
}

/// A snapshot as it was written before there were aspects and flags of remembered commands.
std::string snapshot_of_format_1(std::string_view state, const entity_type& type) {
  std::string body{'\x01', '\x00'};
  put_fixed64(body, type.fingerprint);
  put_fixed64(body, persistence::hash_state(state));
  put_bytes(body, state);
  put_varint(body, 2); // remembered commands
  for (const char id : {'1', '2'}) {
    put_bytes(body, std::string("c") + id);
    body.append(16, id);                                    // content
    put_varint(body, static_cast<std::uint64_t>(id - '0')); // version
    put_varint(body, id == '1' ? 1 : 0);                    // position + 1: 0, and not yet known
    put_bytes(body, "");                                    // reply
  }
  return body;
}

TEST_F(Recovery, ReadsSnapshotsOfFormat1) {
  writes_.send(counter(), "a", "add", R"({"n":5})", with_id("c1"))
      .send(counter(), "a", "add", R"({"n":6})", with_id("c2"))
      .send(counter(), "a", "add", R"({"n":7})", with_id("c3"));
  append_batch batch;
  // Another sum than the changes make, to see that it is read.
  const auto body = snapshot_of_format_1(R"({"value":100})", counter());
  batch.snapshots.push_back({"counter/a", 2, no_position, body});
  journal_->append(
      batch, [](append_result result) { EXPECT_EQ(result.what, append_result::kind::committed); });
  const auto live = recovered(*journal_);
  EXPECT_EQ(live->standing().version, 3U);
  EXPECT_EQ(state_of(*live), R"({"value":107})");
  EXPECT_EQ(live->ids().size(), 3U);
  for (const auto& [id, position] :
       {std::pair("c1", 0U), std::pair("c2", 1U), std::pair("c3", 2U)}) {
    const auto known = live->ids().find(id);
    ASSERT_NE(known, nullptr) << id;
    EXPECT_EQ(known->position, position) << id;
    EXPECT_FALSE(known->merged);
  }
}

// What it does not know of aspects counts as changed by its version: rather a conflict too many.
TEST_F(Recovery, AspectsThatASnapshotDoesNotKnowChangedWithIt) {
  auto with_aspects = counter();
  with_aspects.aspects = {"value", "unit"};
  writes_.send(counter(), "a", "add", R"({"n":5})").send(counter(), "a", "add", R"({"n":6})");
  append_batch batch;
  const auto body = snapshot_of_format_1(R"({"value":11})", counter());
  batch.snapshots.push_back({"counter/a", 2, no_position, body});
  journal_->append(batch, [](append_result) {});
  std::unique_ptr<live_entity> live;
  ASSERT_TRUE(
      persistence::recover_entity(*journal_, with_aspects, "counter/a", version_max, live).ok());
  EXPECT_EQ(live->aspect_versions(), (std::vector<version_type>{2, 2}));
}

TEST_F(Recovery, OfAnUnknownEventIsAnErrorWithItsPlace) {
  writes_.send(counter(), "a", "add", R"({"n":5})");
  auto forgetful = counter();
  forgetful.events.clear();
  std::unique_ptr<live_entity> live;
  const auto result =
      persistence::recover_entity(*journal_, forgetful, "counter/a", version_max, live);
  EXPECT_EQ(result.error, entity_errc::unknown_event);
  EXPECT_EQ(result.message.find("change 0 (counter/a version 1): event added"), 0U)
      << result.message;
}

} // namespace
} // namespace cairn
