// The first answer to a command id comes again however long ago that was, and however large it is.

#include <cairn/cairn.hpp>
#include <cairn/transaction.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/note_entity.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using sample::note;

/// Pays once for each id, for ever.
struct payee {
  std::int64_t paid = 0;

  struct pay {
    std::int64_t amount = 0;
  };
  struct was_paid {
    std::int64_t amount = 0;
  };
  cairn::decision<cairn::replies<std::int64_t>, was_paid> decide(const pay& command) const {
    return {cairn::reply{paid + command.amount}, was_paid{command.amount}};
  }
  void apply(const was_paid& event) { paid += event.amount; }

  using entity = cairn::entity<"payee", cairn::commands<pay>,
                               cairn::ids_remembered<cairn::for_ever>, cairn::snapshot_changes<10>>;
};

class FirstAnswer : public ::testing::Test {
protected:
  FirstAnswer() { open(); }

  void open() {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<payee>();
    world_->host<note>();
  }

  auto pay(int number, std::int64_t amount = 1) {
    cairn::send_options options;
    options.id = "payment " + std::to_string(number);
    return world_->entity<payee>("p").send(payee::pay{amount}, options);
  }

  /// As it was first answered, payments being 1 each and the first ones.
  void expect_duplicate(int number) {
    const auto again = pay(number).get();
    ASSERT_TRUE(again) << number;
    EXPECT_TRUE(again.accepted()->duplicate);
    EXPECT_EQ(again.accepted()->version, static_cast<cairn::version_type>(number));
    EXPECT_EQ(again.accepted()->position, static_cast<cairn::position_type>(number - 1));
    EXPECT_EQ(again.accepted()->reply, number);
  }

  static constexpr int many = 700; // far beyond what is kept whole

  void pay_many() {
    std::vector<decltype(pay(0))> sent;
    for (int number = 1; number <= many; ++number) {
      sent.push_back(pay(number));
    }
    for (auto& each : sent) {
      ASSERT_TRUE(each.get());
    }
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

} // namespace

TEST_F(FirstAnswer, ForEverAnIdIsKnown) {
  pay_many();
  for (const int number : {1, 2, 300, many - 129, many - 128, many - 127, many}) {
    expect_duplicate(number);
  }
  EXPECT_EQ(world_->entity<payee>("p").read().get().state.paid, many) << "nobody was paid twice";
}

TEST_F(FirstAnswer, ForEverIsAcrossRestarts) {
  pay_many();
  for (int restart = 0; restart < 2; ++restart) {
    open();
    for (const int number : {1, 300, many - 128, many}) {
      expect_duplicate(number);
    }
  }
  for (int number = many + 1; number <= many + 30;
       ++number) { // snapshots on top of what was loaded
    ASSERT_TRUE(pay(number).get());
  }
  open();
  expect_duplicate(1);
  expect_duplicate(many + 30);
}

TEST_F(FirstAnswer, AnIdOfLongAgoWithOtherContentIsAnError) {
  pay_many();
  const auto other = pay(1, 2).get();
  ASSERT_NE(other.failed(), nullptr);
  EXPECT_EQ(other.failed()->error, cairn::entity_errc::command_id_reused);
  EXPECT_EQ(other.failed()->fate, cairn::fate::not_written);
  EXPECT_NE(other.failed()->message.find("\"payment 1\""), std::string::npos);
  EXPECT_NE(other.failed()->message.find("payee/p"), std::string::npos);
  EXPECT_EQ(world_->entity<payee>("p").read().get().state.paid, many);
}

TEST_F(FirstAnswer, WaitsForWhatIsBeingWritten) {
  pay_many();
  journal_.hold();
  auto next = pay(many + 1);
  journal_.await_held(1);
  auto again = pay(1);
  EXPECT_FALSE(again.wait_for(std::chrono::milliseconds(0))) << "invariant 3";
  journal_.release();
  EXPECT_TRUE(next.get());
  EXPECT_EQ(again.get().accepted()->version, 1U);
}

TEST_F(FirstAnswer, OfATransactionOfLongAgoIsTheWholeOne) {
  const auto transact = [this](std::int64_t amount) {
    cairn::transaction both(*world_);
    both.send(world_->entity<payee>("p"), payee::pay{amount})
        .send(world_->entity<payee>("q"), payee::pay{amount})
        .id("both");
    return both.commit().get();
  };
  ASSERT_TRUE(transact(1));
  for (int number = 2; number <= many; ++number) {
    ASSERT_TRUE(pay(number).get());
  }
  const auto again = transact(1);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.accepted()->duplicate);
  EXPECT_EQ(again.accepted()->position, 0U);
  EXPECT_EQ(again.accepted()->items.at(0).version, 1U);
  EXPECT_EQ(again.accepted()->items.at(0).reply<std::int64_t>(), 1);
  EXPECT_EQ(again.accepted()->items.at(1).version, 1U);
  const auto other = transact(2);
  ASSERT_NE(other.failed(), nullptr);
  EXPECT_EQ(other.failed()->error, cairn::entity_errc::command_id_reused);
}

// Invariant 8: what replies take of memory is bounded, and each is answered all the same.
TEST_F(FirstAnswer, IsWholeThoughItsReplyIsNoLongerInMemory) {
  constexpr std::int64_t reply_bytes = 100'000;
  const auto copy = [this](int number) {
    cairn::send_options options;
    options.id = std::to_string(number);
    return world_->entity<note>("n").send(note::copy{reply_bytes}, options).get();
  };
  for (int number = 0; number < 25; ++number) { // across snapshots
    ASSERT_TRUE(copy(number));
  }
  for (int restart = 0; restart < 2; ++restart) {
    for (const int number : {0, 9, 10, 24}) {
      const auto again = copy(number);
      ASSERT_TRUE(again);
      EXPECT_TRUE(again.accepted()->duplicate);
      EXPECT_EQ(again.accepted()->version, static_cast<cairn::version_type>(number + 1));
      EXPECT_EQ(again.accepted()->position, static_cast<cairn::position_type>(number));
      EXPECT_EQ(again.accepted()->reply.size(), static_cast<std::size_t>(reply_bytes));
    }
    open();
  }
}
