// Sending, reading and watching: the code of docs/guide. What stands between a comment `[name]` and
// the comment `[/name]` is a block of the guide.

#include <cairn/by_name.hpp>
#include <cairn/caf.hpp>
#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "wallet.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include <future>
#include <iostream>
#include <thread>

namespace {

TEST(GuideUsing, Send) {
  // [send]
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");

  const auto earned = alice.send(wallet::earn{100}).get(); // without expectation
  const auto seen = alice.read().get();                    // 100 gold at version 1
  const auto spent = alice.send(wallet::spend{30}, cairn::at(seen.version)).get();
  // [/send]
  EXPECT_EQ(earned.accepted()->version, 1U);
  EXPECT_EQ(seen.state.gold, 100);
  EXPECT_EQ(spent.accepted()->version, 2U);

  // [futures]
  auto first = alice.send(wallet::earn{1});
  auto second = alice.send(wallet::earn{2}); // under way at the same time, decided in this order
  const bool done = second.wait_for(std::chrono::milliseconds(1));
  const auto version = second.get().accepted()->version;
  // [/futures]
  EXPECT_EQ(version, 4U);
  EXPECT_EQ(first.get().accepted()->version, 3U);
  static_cast<void>(done);
}

TEST(GuideUsing, Post) {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  std::promise<std::uint64_t> version;
  // [post]
  alice.post(wallet::earn{100}, [&version](const cairn::unchecked_outcome<>& outcome) {
    version.set_value(outcome ? outcome.accepted()->version : 0);
  });
  // [/post]
  EXPECT_EQ(version.get_future().get(), 1U);
}

TEST(GuideUsing, CafActors) {
  std::promise<std::string> words;
  // [caf]
  cairn::init_caf_messages(); // CAF 1.x learns of no message later
  caf::actor_system_config config;
  caf::actor_system system(config);
  auto world = cairn::make_world(system); // its entities run on `system`
  world.host<wallet>();

  const auto client = system.spawn([&words](caf::event_based_actor* self) -> caf::behavior {
    return {[&words, self](const cairn::entity_reply& reply) {
      const auto* ended = reply.get_if<cairn::checked_outcome<>>();
      const bool accepted = ended != nullptr && ended->accepted() != nullptr;
      words.set_value(reply.entity() + " " + reply.command() +
                      (accepted ? " accepted" : " refused"));
      self->quit();
    }};
  });
  cairn::send_for(client, world.entity<wallet>("alice"), wallet::earn{100}, cairn::absent);
  // [/caf]
  EXPECT_EQ(words.get_future().get(), "wallet/alice earn accepted");
  EXPECT_TRUE(world.close().ok());
}

// [outcomes]
std::string words(const cairn::checked_outcome<>& outcome) {
  return outcome.match(
      [](const cairn::accepted<>& done) {
        return "now at version " + std::to_string(done.version);
      },
      [](const cairn::conflict& met) {
        return std::string(to_string(met.kind)) + ": " + met.entity + " is at version " +
               std::to_string(met.actual);
      },
      [](const cairn::rejected& no) { return "no: " + no.reason; },
      [](const cairn::failed& broken) {
        return cairn::error_word(broken.error) + ": " + broken.message;
      });
}
// [/outcomes]

TEST(GuideUsing, Outcomes) {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  EXPECT_EQ(words(alice.send(wallet::earn{5}, cairn::absent).get()), "now at version 1");
  EXPECT_EQ(words(alice.send(wallet::earn{5}, cairn::absent).get()),
            "exists: wallet/alice is at version 1");
  EXPECT_EQ(words(alice.send(wallet::spend{9}, cairn::at(1)).get()), "no: not enough gold");
  EXPECT_EQ(words(alice.send(wallet::spend{1}, cairn::at(0)).get()),
            "stale: wallet/alice is at version 1");
  // [unchecked]
  const auto outcome = alice.send(wallet::earn{1}).get();
  if (const auto* gone = outcome.unavailable()) {
    std::cout << gone->entity << " was removed at version " << gone->actual << "\n";
  } else if (const auto* no = outcome.rejected()) {
    std::cout << no->reason << "\n";
  } else if (const auto* broken = outcome.failed()) {
    std::cout << broken->message << "\n";
  }
  // [/unchecked]
  EXPECT_TRUE(outcome);
}

// [retry]
/// Spends half of what there is, decided anew on fresh state each time, at most `tries` times.
cairn::updated<> spend_half(const cairn::entity_ref<wallet>& of, unsigned tries) {
  return of.update(tries, [](const wallet& seen, cairn::version_type /*version*/) {
    return wallet::spend{seen.gold / 2};
  });
}
// [/retry]

TEST(GuideUsing, RetryDecidesAnewOnFreshState) {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  EXPECT_TRUE(alice.send(wallet::earn{1'024}).get());
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 4; ++round) {
        accepted += spend_half(alice, 1'000'000) ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(accepted, 8);
  EXPECT_EQ(alice.read().get().state.gold, 4)
      << "halved eight times, none of them on a stale state";
}

TEST(GuideUsing, CommandIds) {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  // [command_id]
  const auto once = alice.send(wallet::earn{100}, {.id = "quest-17", .meta = {}}).get();
  const auto again = alice.send(wallet::earn{100}, {.id = "quest-17", .meta = {}}).get();
  const bool repeated = again.accepted()->duplicate; // true; both say version 1
  const auto other = alice.send(wallet::earn{200}, {.id = "quest-17", .meta = {}}).get();
  const bool reused = other.failed()->error == cairn::entity_errc::command_id_reused; // true
  // [/command_id]
  EXPECT_EQ(once.accepted()->version, 1U);
  EXPECT_TRUE(repeated);
  EXPECT_EQ(again.accepted()->version, 1U);
  EXPECT_EQ(again.accepted()->position, once.accepted()->position);
  EXPECT_TRUE(reused);
  EXPECT_EQ(alice.read().get().state.gold, 100);
}

// [in_doubt]
/// Earns exactly once, whatever happens to the journal. `world` is opened anew when it has stopped.
void earn_once(std::unique_ptr<cairn::world>& world, const cairn::world_options& options,
               std::int64_t amount, const std::string& id) {
  for (int tries = 0; tries < 3; ++tries) {
    const auto alice = world->entity<wallet>("alice");
    const auto outcome = alice.send(wallet::earn{amount}, {.id = id, .meta = {}}).get();
    const auto* broken = outcome.failed();
    if (broken == nullptr || broken->error != cairn::journal_errc::store_failed) {
      return;
    }
    static_cast<void>(world->close()); // it has stopped: only what the journal holds counts
    world = std::make_unique<cairn::world>(options);
    world->host<wallet>();
  }
}
// [/in_doubt]

TEST(GuideUsing, InDoubtIsSettledBySendingAgainWithTheId) {
  held_journal journal;
  // Each opening is one: a journal that has stopped stays so until then.
  const cairn::world_options options{.journal = [&journal] { return journal.source()(); }};
  auto world = std::make_unique<cairn::world>(options);
  world->host<wallet>();
  journal.fail_next(cairn::fate::in_doubt);
  earn_once(world, options, 100, "quest-17");
  const auto read = world->entity<wallet>("alice").read().get();
  EXPECT_EQ(read.state.gold, 100);
  EXPECT_EQ(read.version, 1U);
}

TEST(GuideUsing, Meta) {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  // [meta]
  const auto outcome =
      alice
          .send(wallet::earn{1}, {.id = "", .meta = {{"principal", "ann"}, {"correlation", "r-7"}}})
          .get();
  // [/meta]
  EXPECT_TRUE(outcome);
  cairn::change stored;
  EXPECT_TRUE(world.journal()
                  .scan(0,
                        [&](const cairn::record& found) {
                          return cairn::decode_change(found, stored).ok();
                        })
                  .ok());
  EXPECT_EQ(cairn::find_meta(stored.cause.meta, "principal"), "ann");
}

TEST(GuideUsing, Remove) {
  cairn::world world;
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  EXPECT_TRUE(alice.send(wallet::earn{5}).get());
  // [remove]
  const auto removed = alice.remove(cairn::at(1)).get();              // accepted, version 2
  const auto revived = alice.send(wallet::earn{1}).get();             // unavailable, deleted
  const auto stale = alice.send(wallet::earn{1}, cairn::at(1)).get(); // conflict, deleted
  const auto anew = alice.send(wallet::earn{1}, cairn::absent).get(); // accepted, version 3
  // [/remove]
  EXPECT_EQ(removed.accepted()->version, 2U);
  EXPECT_EQ(revived.unavailable()->kind, cairn::conflict_kind::deleted);
  EXPECT_EQ(stale.conflict()->kind, cairn::conflict_kind::deleted);
  EXPECT_EQ(anew.accepted()->version, 3U);
  EXPECT_EQ(alice.read().get().state.gold, 1) << "from the default state";
}

TEST(GuideUsing, ReadAndList) {
  cairn::world world;
  world.host<wallet>();
  for (const char* id : {"alice", "bob", "carol"}) {
    EXPECT_TRUE(world.entity<wallet>(id).send(wallet::earn{1}).get());
  }
  // [list]
  std::vector<std::string> names;
  cairn::listing page;
  do {
    const std::string after(names.empty() ? "" : cairn::id_of(names.back()));
    if (const auto found = world.list("wallet", after, 2, page); !found.ok()) {
      std::cerr << found.message << "\n";
      break;
    }
    for (const auto& [entity, version] : page.entities) {
      names.push_back(entity);
    }
  } while (page.more);
  // [/list]
  EXPECT_EQ(names, (std::vector<std::string>{"wallet/alice", "wallet/bob", "wallet/carol"}));
}

TEST(GuideUsing, Subscribe) {
  std::promise<void> seen_two;
  cairn::world world;
  world.host<wallet>();
  // [subscribe]
  auto watching = world.subscribe(0, [&](const cairn::change& committed) {
    for (const auto& event : committed.events) {
      std::cout << committed.entity << " " << event.name << " " << event.data << "\n";
    }
    if (committed.position == 1) {
      seen_two.set_value();
    }
  });
  // [/subscribe]
  EXPECT_TRUE(world.entity<wallet>("alice").send(wallet::earn{100}).get());
  EXPECT_TRUE(world.entity<wallet>("bob").send(wallet::earn{5}).get());
  seen_two.get_future().get();
  // [subscription_state]
  if (const auto ended = watching.state(); !ended.ok()) {
    std::cerr << ended.message << ", next would be position " << watching.next() << "\n";
  }
  // [/subscription_state]
  EXPECT_TRUE(watching.state().ok());
}

struct stored_projection {
  std::uint64_t events = 0;
  std::string token;
};

TEST(GuideUsing, Resume) {
  cairn::world world;
  world.host<wallet>();
  stored_projection projection;
  for (std::uint64_t changes = 1; changes <= 3; ++changes) {
    EXPECT_TRUE(world.entity<wallet>("alice").send(wallet::earn{100}).get());
    {
      // [resume]
      const auto stored = cairn::parse_resume_token(projection.token);
      const auto take = [&](const cairn::change& committed, const cairn::resume_token& next) {
        projection.events += committed.events.size();
        projection.token = next.text(); // both or neither, in a store of your own
      };
      const auto projecting = stored ? world.subscribe(*stored, take) : world.subscribe(0, take);
      if (projecting.state().error == cairn::journal_errc::ahead) {
        std::cerr << "make it anew from position 0: " << projecting.state().message << "\n";
      }
      // [/resume]
      while (projecting.next() < changes) {
        std::this_thread::yield();
      }
    }
    EXPECT_EQ(projection.events, changes);
  }
}

TEST(GuideUsing, Expectations) {
  cairn::world world;
  world.host<wallet>();
  const auto bob = world.entity<wallet>("bob");
  // [expectations]
  const auto a = bob.send(wallet::earn{1}, cairn::exists).get(); // conflict, absent
  const auto b = bob.send(wallet::earn{1}, cairn::absent).get(); // accepted, version 1
  const auto c = bob.send(wallet::earn{1}, cairn::absent).get(); // conflict, exists
  const auto d = bob.send(wallet::earn{1}, cairn::at(0)).get();  // conflict, stale
  const auto e = bob.send(wallet::earn{1}, cairn::at(9)).get();  // conflict, ahead
  const auto f = bob.send(wallet::earn{1}, cairn::at(1)).get();  // accepted, version 2
  // [/expectations]
  using why = cairn::conflict_kind;
  EXPECT_EQ(a.conflict()->kind, why::absent);
  EXPECT_EQ(b.accepted()->version, 1U);
  EXPECT_EQ(c.conflict()->kind, why::exists);
  EXPECT_EQ(d.conflict()->kind, why::stale);
  EXPECT_EQ(e.conflict()->kind, why::ahead);
  EXPECT_EQ(f.accepted()->version, 2U);
}

} // namespace
