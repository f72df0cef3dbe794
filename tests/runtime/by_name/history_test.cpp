// The past of an entity is shown as the journal holds it, whatever today's program knows of it.

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_entity.hpp>
#include <cairn/transaction.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using sample::counter;

/// Appends a change with an event of any name to `counter/a`.
void append(cairn::journal& to, cairn::version_type version, const cairn::recorded_event& event) {
  cairn::change made;
  made.cause.command = "some";
  made.events.push_back(event);
  std::string body;
  cairn::encode_change_body(body, made);
  const auto done = cairn::testing::batch_builder()
                        .at_time(1'000'000 + static_cast<std::int64_t>(version))
                        .add("counter/a", version, body)
                        .append_to(to);
  ASSERT_EQ(done.what, cairn::append_result::kind::committed);
}

class History : public ::testing::Test {
protected:
  cairn::world& open() {
    world_ = std::make_unique<cairn::world>(cairn::world_options{.journal = journal_.source()});
    world_->host<counter>();
    return *world_;
  }

  cairn::history_page history(cairn::version_type from) {
    std::promise<cairn::history_page> page;
    cairn::any_entity(*world_, cairn::type_descriptor<counter>(), "counter/a")
        .post_history(from, 100,
                      [&](cairn::history_page found) { page.set_value(std::move(found)); });
    return page.get_future().get();
  }

  cairn::json_reading read_at(cairn::version_type version) {
    std::promise<cairn::json_reading> read;
    cairn::any_entity(*world_, cairn::type_descriptor<counter>(), "counter/a")
        .post_read_at(version,
                      [&](cairn::json_reading found) { read.set_value(std::move(found)); });
    return read.get_future().get();
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(History, ShowsAnEventThatTheProgramDoesNotKnowAsItIsStored) {
  append(journal_.inside(), 1, {"added", 1, R"({"n":2})"});
  append(journal_.inside(), 2, {"melted", 7, R"({"share":0.50})"});
  append(journal_.inside(), 3, {"added", 1, R"({"n":"no number"})"});
  open();
  EXPECT_EQ(world_->entity<counter>("a").read().get().failure->error,
            cairn::entity_errc::unknown_event);
  const auto page = history(1);
  ASSERT_FALSE(page.failure) << page.failure->message;
  ASSERT_EQ(page.changes.size(), 3U);
  EXPECT_EQ(page.changes[1].events[0].name, "melted");
  EXPECT_EQ(page.changes[1].events[0].schema, 7U);
  EXPECT_EQ(page.changes[1].events[0].data, R"({"share":0.50})");
  std::string shown;
  cairn::write_history_json(shown, page.changes[1]);
  EXPECT_NE(shown.find(R"("events":[{"name":"melted","schema":7,"data":{"share":0.50}}])"),
            std::string::npos)
      << shown;
  shown.clear();
  cairn::write_history_json(shown, page.changes[0]);
  EXPECT_NE(shown.find(R"("events":[{"name":"added","data":{"n":2}}])"), std::string::npos)
      << shown;
  EXPECT_EQ(history(3).changes.size(), 1U);
  EXPECT_EQ(history(4).failure->error, cairn::journal_errc::no_such_version);
}

TEST_F(History, AVersionInFrontOfWhatTheProgramDoesNotKnowIsRead) {
  append(journal_.inside(), 1, {"added", 1, R"({"n":2})"});
  append(journal_.inside(), 2, {"melted", 1, "{}"});
  open();
  const auto read = read_at(1);
  ASSERT_FALSE(read.failure) << read.failure->message;
  EXPECT_EQ(read.state_json, R"({"value":2})");
  EXPECT_EQ(read_at(2).failure->error, cairn::entity_errc::unknown_event);
  EXPECT_EQ(read_at(3).failure->error, cairn::journal_errc::no_such_version);
}

TEST_F(History, SubscriptionsDeliverItAsItIsStored) {
  append(journal_.inside(), 1, {"melted", 7, R"({"share":0.50})"});
  open();
  std::promise<cairn::change> seen;
  const auto watching =
      world_->subscribe(0, [&](const cairn::change& committed) { seen.set_value(committed); });
  const auto first = seen.get_future().get();
  EXPECT_EQ(first.events[0].name, "melted");
  EXPECT_EQ(first.events[0].schema, 7U);
  EXPECT_EQ(first.events[0].data, R"({"share":0.50})");
}

TEST_F(History, ChangesOfATransactionSayTheirPlaceInIt) {
  open();
  cairn::transaction both(*world_);
  both.send(world_->entity<counter>("a"), counter::add{1})
      .send(world_->entity<counter>("b"), counter::add{1});
  ASSERT_TRUE(both.commit().get());
  std::string shown;
  cairn::write_history_json(shown, history(1).changes.at(0));
  EXPECT_NE(shown.find(R"("unit":[0,2])"), std::string::npos) << shown;
}

} // namespace
