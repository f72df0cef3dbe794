// Ways out of a conflict: the code of pages of docs/guide. A region from `// [name]` to
// `// [/name]` is a block of the guide.

#include <cairn/cairn.hpp>
#include <cairn/testing.hpp>

#include "tests/support/sample_entities.hpp"
#include "wallet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>

namespace {

using kind = cairn::conflict_kind;

// [form]
struct profile {
  std::string name;
  std::string phone;

  struct rename {
    std::string name;
  };
  struct change_phone {
    std::string phone;
  };
  struct renamed {
    std::string name;
  };
  struct phone_changed {
    std::string phone;
  };

  cairn::decision<renamed> decide(const rename& command) const { return renamed{command.name}; }
  cairn::decision<phone_changed> decide(const change_phone& command) const {
    return phone_changed{command.phone};
  }
  void apply(const renamed& event) { name = event.name; }
  void apply(const phone_changed& event) { phone = event.phone; }

  using entity = cairn::entity<
      "profile", cairn::commands<rename, change_phone>,
      cairn::aspect<&profile::name, cairn::commands<rename>, cairn::events<renamed>>,
      cairn::aspect<&profile::phone, cairn::commands<change_phone>, cairn::events<phone_changed>>>;
};
// [/form]

TEST(GuideConflicts, AFormIsEditedByTwo) {
  cairn::world world;
  world.host<profile>();
  const auto form = world.entity<profile>("7");
  EXPECT_TRUE(form.send(profile::rename{"Ann"}, cairn::absent).get());
  // [use_form]
  const auto seen = form.read().get(); // all three see version 1
  const auto a = form.send(profile::rename{"Anna"}, cairn::at(seen.version)).get();
  const auto b = form.send(profile::change_phone{"555"}, cairn::at(seen.version)).get();
  const auto c = form.send(profile::rename{"Annie"}, cairn::at(seen.version)).get();
  // a: accepted, version 2; b: accepted, version 3; c: conflict, stale
  const auto in_the_way = c.conflict()->aspects(); // "name"
  // [/use_form]
  EXPECT_EQ(a.accepted()->version, 2U);
  EXPECT_EQ(b.accepted()->version, 3U);
  EXPECT_EQ(c.conflict()->kind, kind::stale);
  ASSERT_EQ(in_the_way.size(), 1U);
  EXPECT_EQ(in_the_way[0], "name");
}

TEST(GuideConflicts, AConflictTellsWhatHappened) {
  cairn::world world;
  world.host<profile>();
  const auto form = world.entity<profile>("7");
  EXPECT_TRUE(form.send(profile::rename{"Ann"}, cairn::absent).get());
  EXPECT_TRUE(form.send(profile::rename{"Anna"}, {.meta = {{"principal", "bob"}}}).get());
  EXPECT_TRUE(form.send(profile::change_phone{"555"}).get());
  std::string told;
  // [details]
  const auto outcome = form.send(profile::rename{"Annie"}, cairn::at(1),
                                 {.show = {.missed = true, .paths = true, .state = true}})
                           .get();
  if (const auto* met = outcome.conflict(); met != nullptr && met->details) {
    for (const auto& missed : met->details->missed) {
      told += std::string(cairn::find_meta(missed.cause.meta, "principal")) + " sent " +
              missed.cause.command + " (version " + std::to_string(missed.version) + ")\n";
      for (const auto& event : missed.events) {
        told += "  " + event.name + event.data + "\n";
      }
    }
    if (met->details->truncated) {
      told += "and more\n";
    }
    for (const auto& path : met->details->paths.value_or(std::vector<std::string>())) {
      told += path + " differs\n"; // a JSON pointer into the state
    }
    if (const auto* now = met->state<profile>()) {
      told += "it is " + now->name + ", " + now->phone + "\n";
    }
  }
  // [/details]
  EXPECT_EQ(told,
            "bob sent rename (version 2)\n"
            "  renamed{\"name\":\"Anna\"}\n"
            " sent change_phone (version 3)\n"
            "  phone_changed{\"phone\":\"555\"}\n"
            "/name differs\n"
            "/phone differs\n"
            "it is Anna, 555\n");
}

// [counter]
struct poll {
  std::int64_t votes = 0;

  struct vote {};
  struct reset {};
  struct voted {};
  struct was_reset {};

  cairn::decision<voted> decide(const vote& /*command*/) const { return voted{}; }
  cairn::decision<was_reset> decide(const reset& /*command*/) const { return was_reset{}; }
  void apply(const voted& /*event*/) { ++votes; }
  void apply(const was_reset& /*event*/) { votes = 0; }

  using entity =
      cairn::entity<"poll", cairn::commands<vote, reset>,
                    cairn::events<cairn::named<"reset", was_reset>>, cairn::commutes<vote, vote>>;
};
// [/counter]

TEST(GuideConflicts, ACounterIsCountedByMany) {
  cairn::world world;
  world.host<poll>();
  const auto lunch = world.entity<poll>("lunch");
  EXPECT_TRUE(lunch.send(poll::vote{}, cairn::absent).get());
  // [use_counter]
  const auto seen = lunch.read().get();                                   // version 1
  const auto a = lunch.send(poll::vote{}, cairn::at(seen.version)).get(); // accepted, version 2
  const auto b = lunch.send(poll::vote{}, cairn::at(seen.version)).get(); // version 3, merged
  const bool merged = b.accepted()->merged;                               // true
  const auto c = lunch.send(poll::reset{}).get();                         // accepted, version 4
  const auto d = lunch.send(poll::vote{}, cairn::at(seen.version)).get(); // conflict: reset
  const auto e = lunch.send(poll::vote{}).get();                          // accepted, version 5
  // [/use_counter]
  EXPECT_FALSE(a.accepted()->merged);
  EXPECT_EQ(b.accepted()->version, 3U);
  EXPECT_TRUE(merged);
  EXPECT_TRUE(c);
  EXPECT_EQ(d.conflict()->kind, kind::stale);
  EXPECT_EQ(e.accepted()->version, 5U);
  EXPECT_EQ(lunch.read().get().state.votes, 1);
}

struct shelf {
  std::int64_t shirts = 0;

  struct put {
    std::int64_t shirts = 0;
  };
  struct take {
    std::int64_t shirts = 0;
  };
  struct moved {
    std::int64_t shirts = 0;
  };

  cairn::decision<moved> decide(const put& command) const { return moved{command.shirts}; }
  cairn::decision<moved> decide(const take& command) const {
    if (command.shirts > shirts) {
      return cairn::reject("not enough shirts");
    }
    return moved{-command.shirts};
  }
  void apply(const moved& event) { shirts += event.shirts; }

  using entity = cairn::entity<"shelf", cairn::commands<put, take>>;
};

// [inventory]
/// Takes up to three shirts, as many as there are; 0: there are none, or others were always faster.
std::int64_t take_shirts(const cairn::entity_ref<shelf>& from) {
  std::int64_t wanted = 0;
  const auto ended = from.update(
      5, [&](const shelf& now, cairn::version_type /*version*/) -> std::optional<shelf::take> {
        wanted = std::min<std::int64_t>(now.shirts, 3);
        return wanted > 0 ? std::optional(shelf::take{wanted}) : std::nullopt;
      });
  return ended ? wanted : 0; // `ended.attempts`, `ended.outcome` and `ended.failure` say more
}
// [/inventory]

TEST(GuideConflicts, AnInventoryIsDecidedOnAnew) {
  cairn::world world;
  world.host<shelf>();
  const auto white = world.entity<shelf>("white");
  EXPECT_TRUE(white.send(shelf::put{4}).get());
  EXPECT_EQ(take_shirts(white), 3);
  EXPECT_EQ(take_shirts(white), 1);
  EXPECT_EQ(take_shirts(white), 0);
  // Somebody is faster: what is decided the second time is decided on what is left.
  EXPECT_TRUE(white.send(shelf::put{4}).get());
  int calls = 0;
  const auto ended = white.update(5, [&](const shelf& now, cairn::version_type /*version*/) {
    if (calls++ == 0) {
      EXPECT_TRUE(white.send(shelf::take{3}).get());
    }
    return shelf::take{std::min<std::int64_t>(now.shirts, 3)};
  });
  EXPECT_TRUE(ended);
  EXPECT_EQ(ended.attempts, 2U);
  EXPECT_EQ(white.read().get().state.shirts, 0);
}

// [document]
struct document {
  std::string text;

  struct insert {
    std::uint64_t at = 0;
    std::string text;
  };
  struct clear {};
  struct inserted {
    std::uint64_t at = 0;
    std::string text;
  };
  struct cleared {};

  cairn::decision<inserted> decide(const insert& command) const {
    if (command.at > text.size()) {
      return cairn::reject("that is behind the end");
    }
    return inserted{command.at, command.text};
  }
  cairn::decision<cleared> decide(const clear& /*command*/) const { return cleared{}; }
  void apply(const inserted& event) { text.insert(event.at, event.text); }
  void apply(const cleared& /*event*/) { text.clear(); }

  /// What was inserted before its place meanwhile moves a stale insertion on.
  std::optional<insert> merge(const insert& stale,
                              const cairn::missed_changes<document>& missed) const {
    insert moved = stale;
    bool lost = false;
    missed.for_each([&](const inserted& other) {
      if (other.at <= moved.at) {
        moved.at += other.text.size();
      }
    });
    missed.for_each([&](const cleared& /*other*/) { lost = true; });
    return lost ? std::nullopt : std::optional(moved); // none: it stays a conflict
  }

  using entity = cairn::entity<"document", cairn::commands<insert, clear>,
                               cairn::merge_window<2'000>, cairn::lease_ms_max<3'600'000>>;
};
// [/document]

TEST(GuideConflicts, ADocumentMergesWhatWasTypedMeanwhile) {
  cairn::world world;
  world.host<document>();
  const auto page = world.entity<document>("p");
  EXPECT_TRUE(page.send(document::insert{0, "cairn"}).get());
  // [use_document]
  const auto seen = page.read().get(); // "cairn", version 1
  const auto a = page.send(document::insert{0, "a "}, cairn::at(seen.version)).get();
  const auto b = page.send(document::insert{5, "s"}, cairn::at(seen.version)).get();
  const bool merged = b.accepted()->merged; // true: inserted at 7, the text is "a cairns"
  // [/use_document]
  EXPECT_TRUE(a);
  EXPECT_TRUE(merged);
  EXPECT_EQ(page.read().get().state.text, "a cairns");
  EXPECT_TRUE(page.send(document::clear{}).get());
  EXPECT_EQ(page.send(document::insert{0, "x"}, cairn::at(seen.version)).get().conflict()->kind,
            kind::stale);
}

// [editor]
/// Adds a line while nobody else can change the page; says what became of it.
std::string add_line(const cairn::entity_ref<document>& page, const std::string& line) {
  const auto asked = page.lease(std::chrono::minutes(5)).get();
  if (const auto* met = asked.conflict()) {
    return met->kind == cairn::conflict_kind::leased
               ? "somebody edits it, for " + std::to_string(met->details->left.count()) + " ms more"
               : "there is no such page";
  }
  if (const auto* broken = asked.failed()) {
    return broken->message;
  }
  const std::string token = asked.leased()->token;
  const auto seen = page.read().get(); // stays true as long as the lease does
  const auto added = page.send(document::insert{seen.state.text.size(), line + "\n"},
                               cairn::at(seen.version), {.lease = token})
                         .get();
  static_cast<void>(page.release(token).get()); // else it ends by itself
  return added ? "done" : "not done";
}
// [/editor]

TEST(GuideConflicts, AnEditorTakesALease) {
  cairn::world world;
  world.host<document>();
  const auto page = world.entity<document>("p");
  EXPECT_EQ(add_line(page, "cairn"), "there is no such page");
  EXPECT_TRUE(page.send(document::insert{0, "cairn\n"}).get());
  EXPECT_EQ(add_line(page, "stone"), "done");
  const auto lease = page.lease(std::chrono::minutes(5)).get();
  EXPECT_TRUE(add_line(page, "x").starts_with("somebody edits it, for "));
  const std::string token = lease.leased()->token;
  // [leased]
  const auto other = page.send(document::clear{}).get();              // unavailable, leased
  const auto late = page.send(document::clear{}, cairn::at(1)).get(); // conflict, leased
  const auto longer = page.renew(token, std::chrono::minutes(5)).get();
  // [/leased]
  EXPECT_EQ(other.unavailable()->kind, kind::leased);
  EXPECT_GT(other.unavailable()->left.count(), 0);
  EXPECT_EQ(late.conflict()->kind, kind::leased);
  EXPECT_EQ(longer.leased()->token, token);
  EXPECT_TRUE(page.release(token).get());
  EXPECT_EQ(page.read().get().state.text, "cairn\nstone\n");
  EXPECT_TRUE(page.send(document::clear{}).get());
}

TEST(GuideConflicts, AnExpiredLeaseIsSaidToBeLost) {
  std::atomic<std::int64_t> now_us{0};
  cairn::world_options options;
  options.clock = [&] { return cairn::time_point(std::chrono::microseconds(now_us.load())); };
  cairn::world world(std::move(options));
  world.host<document>();
  const auto page = world.entity<document>("p");
  EXPECT_TRUE(page.send(document::insert{0, "cairn"}).get());
  const auto lease = page.lease(std::chrono::milliseconds(5)).get();
  now_us += 5'000;
  const auto late = page.send(document::clear{}, {.lease = lease.leased()->token}).get();
  EXPECT_EQ(late.failed()->error, cairn::entity_errc::lease_lost);
  EXPECT_EQ(page.lease(std::chrono::hours(2)).get().failed()->error,
            cairn::entity_errc::invalid_command)
      << "longer than lease_ms_max";
}

TEST(GuideConflicts, ALeaseOutlivesARebuild) {
  cairn::world world;
  world.host<sample::counter>();
  const auto entity = world.entity<sample::counter>("a");
  EXPECT_TRUE(entity.send(sample::counter::add{1}).get());
  const auto lease = entity.lease(std::chrono::minutes(5)).get();
  const auto broken =
      entity.send(sample::counter::crash{"apply"}, {.lease = lease.leased()->token}).get();
  EXPECT_EQ(broken.failed()->error, cairn::entity_errc::entity_error);
  const auto other = entity.send(sample::counter::add{1}).get();
  ASSERT_NE(other.unavailable(), nullptr);
  EXPECT_EQ(other.unavailable()->kind, kind::leased);
  EXPECT_EQ(entity.read().get().state.value, 1);
}

// What the guide says of a transaction's items: aspects, merging and leases work as they do outside.
TEST(GuideConflicts, EachItemOfATransactionIsCheckedAsItWouldBeAlone) {
  cairn::world world;
  world.host<profile>();
  world.host<poll>();
  world.host<document>();
  const auto form = world.entity<profile>("7");
  const auto lunch = world.entity<poll>("lunch");
  const auto page = world.entity<document>("p");
  EXPECT_TRUE(form.send(profile::rename{"Ann"}).get());
  EXPECT_TRUE(form.send(profile::rename{"Anna"}).get());
  EXPECT_TRUE(lunch.send(poll::vote{}).get());
  EXPECT_TRUE(lunch.send(poll::vote{}).get());
  EXPECT_TRUE(page.send(document::insert{0, "cairn"}).get());
  const std::string token = page.lease(std::chrono::minutes(5)).get().leased()->token;

  cairn::transaction without(world);
  without.send(form, profile::rename{"Annie"}, cairn::at(1)).send(page, document::clear{});
  const auto refused = without.commit().get();
  ASSERT_NE(refused.conflict(), nullptr);
  const auto& items = refused.conflict()->items;
  ASSERT_EQ(items.size(), 2U);
  ASSERT_EQ(items[0].conflict->aspects().size(), 1U);
  EXPECT_EQ(items[0].conflict->aspects()[0], "name");
  EXPECT_EQ(items[1].conflict->kind, kind::leased);
  EXPECT_EQ(items[1].conflict->expected.what(), cairn::expectation::kind::any);
  EXPECT_GT(items[1].conflict->details->left.count(), 0);

  cairn::transaction with(world);
  with.send(form, profile::change_phone{"555"}, cairn::at(1))
      .send(lunch, poll::vote{}, cairn::at(1))
      .send(page, document::clear{})
      .under_lease(token);
  const auto done = with.commit().get();
  ASSERT_TRUE(done);
  EXPECT_FALSE(done.accepted()->items[0].merged);
  EXPECT_TRUE(done.accepted()->items[1].merged);
  EXPECT_EQ(done.accepted()->items[2].version, 2U);
}

TEST(GuideConflicts, DeclarationsAreTestedWithGivenWhenThen) {
  // [test_conflicts]
  using cairn::testing::given;

  given<profile>()
      .when(profile::rename{"Ann"})
      .when(profile::rename{"Anna"})
      .when(profile::change_phone{"555"}, cairn::at(1))
      .then(profile::phone_changed{"555"})
      .when(profile::rename{"Annie"}, cairn::at(1))
      .then_conflict_over({"name"});

  given<document>()
      .when(document::insert{0, "cairn"})
      .when(document::insert{0, "a "})
      .when(document::insert{5, "s"}, cairn::at(1))
      .then_merged()
      .then(document::inserted{7, "s"});
  // [/test_conflicts]
  given<document>(document::inserted{0, "cairn"}, document::inserted{0, "a "})
      .when(document::insert{5, "s"}, cairn::at(1))
      .then_conflict(kind::stale);
}

TEST(GuideConflicts, DefaultsAreAsTheGuideSays) {
  const auto& type = cairn::type_descriptor<wallet>();
  EXPECT_TRUE(type.aspects.empty());
  EXPECT_FALSE(type.merges());
  EXPECT_EQ(type.merge_window, 1'024U);
  EXPECT_EQ(type.lease_max, std::chrono::minutes(10));
  const cairn::limits limits;
  EXPECT_EQ(limits.transaction_entities_max, 1'000U);
  EXPECT_EQ(limits.missed_changes_max, 100U);
  EXPECT_EQ(cairn::type_descriptor<document>().merge_window, 2'000U);
  EXPECT_EQ(cairn::type_descriptor<document>().lease_max, std::chrono::hours(1));
}

} // namespace
