// Refused commands in the log that a world keeps: which are, what is said of them, and that they are no changes.

#include <cairn/cairn.hpp>
#include <cairn/detail/tools/refusals.hpp>
#include <cairn/detail/tools/verify.hpp>
#include <cairn/transaction.hpp>

#include "runtime/world/core.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using sample::counter;

constexpr std::uint64_t enough_bytes = 1U << 20U;

/// A form with two fields.
struct form {
  std::int64_t left = 0;
  std::int64_t right = 0;
  struct set_left {
    std::int64_t to = 0;
  };
  struct left_set {
    std::int64_t to = 0;
  };
  struct set_right {
    std::int64_t to = 0;
  };
  struct right_set {
    std::int64_t to = 0;
  };
  cairn::decision<left_set> decide(const set_left& command) const { return left_set{command.to}; }
  cairn::decision<right_set> decide(const set_right& command) const {
    return right_set{command.to};
  }
  void apply(const left_set& event) { left = event.to; }
  void apply(const right_set& event) { right = event.to; }
  using entity = cairn::entity<
      "form", cairn::commands<set_left, set_right>,
      cairn::aspect<&form::left, cairn::commands<set_left>, cairn::events<left_set>>,
      cairn::aspect<&form::right, cairn::commands<set_right>, cairn::events<right_set>>>;
};

class Refusals : public ::testing::Test {
protected:
  Refusals() { open(enough_bytes); }

  void open(std::uint64_t bytes_max) {
    world_.reset();
    cairn::world_options options;
    options.journal = cairn::rocksdb(directory_.path());
    options.refusal_bytes_max = bytes_max;
    options.clock = [] { return cairn::time_point(1'780'251'600s); };
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
    world_->host<form>();
  }

  cairn::entity_ref<counter> entity(const std::string& id) { return world_->entity<counter>(id); }

  /// What the log has, without its times.
  std::vector<std::string> lines() {
    world_->core().flush_refusals(); // they are written on a thread of their own
    std::vector<std::string> all;
    std::vector<std::string> notices;
    const auto read = cairn::read_refusals(
        directory_.path(),
        [&](const cairn::refusal& refused) {
          EXPECT_EQ(refused.time_us, 1'780'251'600'000'000);
          std::string line;
          cairn::write_refusal_json(line, refused);
          all.push_back(line.substr(line.find("\"entity\"")));
        },
        found_, notices);
    EXPECT_TRUE(read.ok() && notices.empty()) << read.message;
    return all;
  }

  cairn::testing::temporary_directory directory_;
  std::unique_ptr<cairn::world> world_;
  bool found_ = false;
};

using expected_lines = std::vector<std::string>;

} // namespace

TEST_F(Refusals, ConflictsAndRejectionsAreKeptAndAcceptedCommandsAreNot) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("a").send(counter::add{1}, cairn::at(1)).get());
  cairn::send_options options;
  options.meta = {{"who", "x"}, {"principal", "ann"}};
  EXPECT_FALSE(entity("a").send(counter::add{1}, cairn::at(1), options).get());
  EXPECT_FALSE(entity("a").send(counter::add{-9}).get());
  EXPECT_FALSE(entity("b").remove(cairn::exists).get());
  EXPECT_EQ(
      lines(),
      (expected_lines{
          R"("entity":"counter/a","command":"add","outcome":"conflict","kind":"stale","expected":1,"actual":2,"client":"ann"})",
          R"("entity":"counter/a","command":"add","outcome":"rejected","expected":"any","actual":2,"reason":"below zero"})",
          R"("entity":"counter/b","command":"$remove","outcome":"conflict","kind":"absent","expected":"exists","actual":0})"}));
}

TEST_F(Refusals, TheAspectsInTheWayAreNamed) {
  const auto paper = world_->entity<form>("f");
  EXPECT_TRUE(paper.send(form::set_left{1}).get());
  EXPECT_TRUE(paper.send(form::set_right{1}).get());
  EXPECT_FALSE(paper.send(form::set_right{2}, cairn::at(1)).get());
  EXPECT_EQ(
      lines(),
      (expected_lines{
          R"("entity":"form/f","command":"set_right","outcome":"conflict","kind":"stale","expected":1,"actual":2,"aspects":["right"]})"}));
}

TEST_F(Refusals, LeasesInTheWayAreKeptToo) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("a").lease(1min).get());
  EXPECT_FALSE(entity("a").lease(1min).get());
  EXPECT_FALSE(entity("a").send(counter::add{1}).get());
  EXPECT_EQ(
      lines(),
      (expected_lines{
          R"("entity":"counter/a","command":"$lease","outcome":"conflict","kind":"leased","expected":"any","actual":1})",
          R"("entity":"counter/a","command":"add","outcome":"conflict","kind":"leased","expected":"any","actual":1})"}));
}

TEST_F(Refusals, EachItemOfATransactionThatIsInTheWayIsKept) {
  cairn::transaction three(*world_);
  three.send(entity("b"), counter::add{-1})
      .send(entity("a"), counter::add{1})
      .require(entity("c"), cairn::exists)
      .meta({{"principal", "bob"}});
  EXPECT_FALSE(three.commit().get());
  EXPECT_EQ(
      lines(),
      (expected_lines{
          R"("entity":"counter/b","command":"add","outcome":"rejected","expected":"any","actual":0,"client":"bob","reason":"below zero"})",
          R"("entity":"counter/c","command":"$require","outcome":"conflict","kind":"absent","expected":"exists","actual":0})"}));
}

TEST_F(Refusals, AreNoChangesAndTheJournalIsAsGoodAsWithout) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_FALSE(entity("a").send(counter::add{-9}).get());
  EXPECT_EQ(entity("a").read().get().version, 1U);
  const auto copy = directory_.path() / "copy";
  EXPECT_TRUE(world_->backup(copy).ok());
  EXPECT_FALSE(std::filesystem::exists(copy / "refusals.jsonl"));
  EXPECT_TRUE(world_->close().ok());
  cairn::rocksdb_options options;
  options.read_only = true;
  const auto journal = cairn::rocksdb(directory_.path(), options)();
  EXPECT_EQ(journal->end().next, 1U);
  EXPECT_TRUE(journal->notices().empty());
  open(enough_bytes);
  EXPECT_FALSE(entity("a").send(counter::add{-9}).get());
  EXPECT_EQ(lines().size(), 2U);
}

TEST_F(Refusals, AreNotKeptUnlessAskedFor) {
  EXPECT_TRUE(world_->close().ok());
  std::filesystem::remove(directory_.path() / "refusals.jsonl");
  open(0);
  EXPECT_FALSE(entity("a").send(counter::add{-9}).get());
  EXPECT_TRUE(lines().empty());
  EXPECT_FALSE(found_);
}
