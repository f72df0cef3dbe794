// Who leaves memory when there is no room: those that were not used for longest. Invariant 8.

#include "runtime/world/directory.hpp"

#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using sample::counter;

/// A slot without an entity: it leaves as soon as it is asked.
class leaving_slot final : public cairn::runtime::slot {
public:
  leaving_slot(std::string key, const cairn::entity_type& type, cairn::runtime::directory*& owner,
               std::vector<std::string>& left)
      : slot(std::move(key), type), owner_(owner), left_(left) {}

  void deliver(cairn::detail::request_ptr /*sent*/) override {}
  void deliver(std::shared_ptr<cairn::runtime::loaded_entity> /*loaded*/) override {}
  void deliver_passivation() override {
    if (try_leave()) {
      left_.push_back(key());
      owner_->erase(*this);
    }
  }
  void deliver_exit() override {}
  void finished(std::size_t /*counted_bytes*/) noexcept override { leave(); }

protected:
  void on_lost(std::uint64_t /*activation*/) override {}

private:
  cairn::runtime::directory*& owner_;
  std::vector<std::string>& left_;
};

class Directory : public ::testing::Test {
protected:
  explicit Directory(std::size_t resident_max = 256)
      : directory_({resident_max, 1'000}, [this](std::string_view key,
                                                 const cairn::entity_type& type) {
          return cairn::runtime::slot_ptr(new leaving_slot(std::string(key), type, self_, left_));
        }) {}

  /// A request to the entity, which is answered at once.
  void use(const std::string& id) {
    cairn::runtime::slot_ptr found;
    const cairn::detail::entity_address address("counter/" + id, cairn::type_descriptor<counter>());
    ASSERT_EQ(directory_.enter(address, found), cairn::runtime::directory::entry::entered);
    found->leave();
  }

  std::vector<std::string> left_; // in that order
  cairn::runtime::directory directory_;
  cairn::runtime::directory* self_ = &directory_;
};

} // namespace

TEST_F(Directory, WhatIsInUseStaysWhileOthersComeAndGo) {
  constexpr int hot = 64;
  constexpr int cold = 4'000;
  for (int i = 0; i < cold; ++i) {
    use("cold" + std::to_string(i));
    use("hot" + std::to_string(i % hot)); // each one again after 64 others have come
    ASSERT_LE(directory_.size(), 256U);
  }
  int hot_ones = 0;
  for (const auto& key : left_) {
    hot_ones += key.starts_with("counter/hot") ? 1 : 0;
  }
  EXPECT_GT(left_.size(), 3'000U) << "nobody had to leave: this showed nothing";
  // The look is at a sample: hardly ever there is nobody in it that was used longer ago.
  EXPECT_LE(hot_ones, 10) << "of " << left_.size();
}

TEST_F(Directory, TheOldestLeaveFirst) {
  for (int i = 0; i < 2'000; ++i) {
    use(std::to_string(i));
  }
  std::size_t early = 0;
  for (std::size_t i = 0; i < left_.size(); ++i) {
    const auto number = std::stoul(left_[i].substr(left_[i].find('/') + 1));
    early += number < i + 128 ? 1U : 0U; // about in the order in which they came
  }
  EXPECT_GT(early, left_.size() * 9 / 10);
}

TEST_F(Directory, AnIdleOneLeavesAfterSoManyTicksAndNotBefore) {
  constexpr std::uint32_t ticks = cairn::runtime::directory::ticks_max;
  use("a");
  for (std::uint32_t tick = 1; tick < ticks; ++tick) {
    directory_.tick();
    directory_.sweep(ticks);
    EXPECT_TRUE(left_.empty()) << tick;
    use("b"); // others that come meanwhile do not make the time go by
    use("c" + std::to_string(tick));
  }
  directory_.tick();
  directory_.sweep(ticks);
  EXPECT_EQ(left_, std::vector<std::string>{"counter/a"});
}
