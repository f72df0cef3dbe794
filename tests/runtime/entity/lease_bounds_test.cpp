// A lease outlives its entity's stay in memory, and there are not too many. Invariant 8.

#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::counter;

class LeaseBounds : public ::testing::Test {
protected:
  void open(cairn::limits limits) {
    cairn::world_options options;
    options.journal = journal_.source();
    options.limits = limits;
    options.clock = [this] { return now_; };
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
  }

  /// The entity, which exists.
  cairn::entity_ref<counter> entity(const std::string& id) { return world_->entity<counter>(id); }

  /// Sends until the entity that has to leave for it has left.
  bool add(const std::string& id, const std::string& token = {}) {
    cairn::send_options options;
    options.lease = token;
    for (;;) {
      const auto outcome = entity(id).send(counter::add{1}, options).get();
      if (outcome.failed() == nullptr ||
          outcome.failed()->error != cairn::runtime_errc::overloaded) {
        return static_cast<bool>(outcome);
      }
      std::this_thread::yield();
    }
  }

  std::string lease(const std::string& id, cairn::metadata meta = {}) {
    const auto taken = entity(id).lease(1min, std::move(meta)).get();
    return taken ? taken.leased()->token : std::string();
  }

  std::string refusal(const std::string& id, cairn::metadata meta = {}) {
    const auto taken = entity(id).lease(1min, std::move(meta)).get();
    EXPECT_TRUE(taken.failed() != nullptr &&
                taken.failed()->error == cairn::runtime_errc::overloaded);
    return taken.failed() != nullptr ? taken.failed()->message : std::string();
  }

  held_journal journal_;
  cairn::time_point now_{1'780'251'600s};
  std::unique_ptr<cairn::world> world_;
};

} // namespace

TEST_F(LeaseBounds, LeasedEntitiesLeaveMemoryAndStayLeased) {
  cairn::limits limits;
  limits.resident_max = 16;
  open(limits);
  std::vector<std::string> tokens;
  for (int i = 0; i < 16; ++i) { // as many as fit into memory
    ASSERT_TRUE(add("leased" + std::to_string(i)));
    tokens.push_back(lease("leased" + std::to_string(i)));
    ASSERT_NE(tokens.back(), "");
  }
  for (int i = 0; i < 64; ++i) { // which leaves others their room
    ASSERT_TRUE(add("other" + std::to_string(i)));
  }
  EXPECT_LE(world_->counts().resident, 16U);
  for (int i = 0; i < 16; ++i) {
    const auto id = "leased" + std::to_string(i);
    EXPECT_FALSE(add(id)) << "it is leased";
    EXPECT_TRUE(add(id, tokens[static_cast<std::size_t>(i)])) << "to who has the token";
    EXPECT_TRUE(entity(id).release(tokens[static_cast<std::size_t>(i)]).get());
    EXPECT_TRUE(add(id));
  }
}

TEST_F(LeaseBounds, ALeaseEndsAlsoWhileItsEntityIsNotInMemory) {
  cairn::limits limits;
  limits.idle_time = 1ms;
  open(limits);
  ASSERT_TRUE(add("a"));
  ASSERT_NE(lease("a"), "");
  while (world_->counts().resident > 0) { // ends only when a leased entity leaves
    std::this_thread::yield();
  }
  EXPECT_FALSE(add("a"));
  now_ += 61s;
  EXPECT_TRUE(add("a"));
}

TEST_F(LeaseBounds, TheWorldHasNoMoreThanItsMost) {
  cairn::limits limits;
  limits.leases_max = 3;
  open(limits);
  for (const char* id : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(add(id));
  }
  const auto first = lease("a");
  EXPECT_NE(first, "");
  EXPECT_NE(lease("b"), "");
  EXPECT_NE(lease("c"), "");
  EXPECT_NE(refusal("d").find("limits::leases_max"), std::string::npos);
  EXPECT_TRUE(add("d")) << "it is not leased";
  EXPECT_TRUE(entity("a").renew(first, 2min).get()) << "that is no further one";
  EXPECT_TRUE(entity("a").release(first).get());
  EXPECT_NE(lease("d"), "") << "one was given back";
  EXPECT_NE(refusal("a"), "");
  now_ += 61s;
  EXPECT_NE(lease("a"), "") << "others have expired";
  EXPECT_TRUE(entity("b").remove().get());
}

TEST_F(LeaseBounds, APrincipalHasNoMoreThanItsMost) {
  cairn::limits limits;
  limits.leases_per_principal_max = 2;
  open(limits);
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(add(id));
  }
  const cairn::metadata ann{{"principal", "ann"}};
  const auto first = lease("a", ann);
  EXPECT_NE(lease("b", ann), "");
  const auto message = refusal("c", ann);
  EXPECT_NE(message.find("\"ann\""), std::string::npos) << message;
  EXPECT_NE(message.find("limits::leases_per_principal_max"), std::string::npos) << message;
  EXPECT_NE(lease("c", {{"principal", "bob"}}), "");
  EXPECT_NE(lease("d"), "") << "one without a name counts for the world alone";
  EXPECT_NE(lease("e"), "");
  EXPECT_TRUE(entity("a").release(first).get());
  EXPECT_NE(lease("a", ann), "");
}

TEST_F(LeaseBounds, ARemovedEntityHasNone) {
  cairn::limits limits;
  limits.leases_max = 1;
  open(limits);
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  const auto token = lease("a");
  cairn::send_options options;
  options.lease = token;
  EXPECT_TRUE(entity("a").remove(options).get());
  EXPECT_NE(lease("b"), "");
}
