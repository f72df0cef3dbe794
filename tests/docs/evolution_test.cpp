// How events and states change while the journal stays: the code of docs/guide/evolving.md.
// Each test writes a journal with yesterday's type and reads it with today's.

#include <cairn/by_name.hpp>
#include <cairn/cairn.hpp>
#include <cairn/testing.hpp>

#include "tests/support/held_journal.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

namespace {

/// What stands in the journal.
namespace yesterday {

struct ship {
  std::int64_t cargo = 0;

  struct load {
    std::int64_t tons = 0;
  };
  struct loaded {
    std::int64_t tons = 0;
  };
  cairn::decision<loaded> decide(const load& command) const { return loaded{command.tons}; }
  void apply(const loaded& event) { cargo += event.tons; }

  using entity = cairn::entity<"ship", cairn::commands<load>, cairn::snapshot_changes<2>>;
};

void sail(held_journal& journal) {
  cairn::world world({.journal = journal.source()});
  world.host<ship>();
  for (const int tons : {1, 2, 3}) {
    EXPECT_TRUE(world.entity<ship>("s").send(ship::load{tons}).get());
  }
}

} // namespace yesterday

namespace with_member {

struct ship {
  std::int64_t cargo = 0;
  std::string port;

  struct load {
    std::int64_t tons = 0;
    std::string port;
  };
  // [optional_member]
  struct loaded {
    std::int64_t tons = 0;
    std::optional<std::string> port; // nothing in events from before
    bool fragile = false;            // its default in events from before

    using optional_members = cairn::members<&loaded::fragile>;
  };
  // [/optional_member]
  cairn::decision<loaded> decide(const load& command) const {
    return loaded{command.tons, command.port, false};
  }
  void apply(const loaded& event) {
    cargo += event.tons;
    port = event.port.value_or("unknown");
  }

  using entity = cairn::entity<"ship", cairn::commands<load>>;
};

} // namespace with_member

// [renamed]
struct hull {
  std::int64_t cargo_kg = 0;
  using member_names = cairn::member_names<cairn::renamed<&hull::cargo_kg, "cargo">>;

  struct load {
    std::int64_t kilograms = 0;
  };
  struct was_loaded {
    std::int64_t kilograms = 0;
  };
  cairn::decision<was_loaded> decide(const load& command) const {
    return was_loaded{command.kilograms};
  }
  void apply(const was_loaded& event) { cargo_kg += event.kilograms; }

  using entity = cairn::entity<"hull", cairn::commands<load>,
                               cairn::events<cairn::named<"loaded", was_loaded>>>;
};
// [/renamed]

TEST(GuideEvolution, WhatIsRenamedInCppKeepsItsNames) {
  std::string directory = testing::TempDir() + "golden-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  for (int i = 0; i < 2; ++i) {
    // [golden]
    cairn::testing::golden<hull>(directory + "/hull.golden.json");
    // [/golden]
  }
  std::ostringstream text;
  text << std::ifstream(directory + "/hull.golden.json").rdbuf();
  EXPECT_NE(text.str().find("{cargo:i64;}"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("\"loaded\""), std::string::npos) << text.str();
  std::filesystem::remove_all(directory);
}

TEST(GuideEvolution, AMemberIsAddedAsOptional) {
  held_journal journal;
  yesterday::sail(journal);
  cairn::world world({.journal = journal.source()});
  world.host<with_member::ship>();
  const auto read = world.entity<with_member::ship>("s").read().get();
  EXPECT_EQ(read.state.cargo, 6) << "the snapshot of another shape is not used";
  EXPECT_EQ(read.state.port, "unknown");
}

namespace with_upcaster {

struct ship {
  std::int64_t kilograms = 0;

  struct load {
    std::int64_t kilograms = 0;
  };
  struct loaded {
    std::int64_t kilograms = 0;
  };
  cairn::decision<loaded> decide(const load& command) const { return loaded{command.kilograms}; }
  void apply(const loaded& event) { kilograms += event.kilograms; }

  // [upcast]
  static cairn::stored_event in_kilograms(cairn::stored_event old) {
    const auto tons = old.data.as_object().at("tons").as_int64();
    old.data = boost::json::object{{"kilograms", tons * 1'000}};
    old.schema = 2;
    return old;
  }

  using entity =
      cairn::entity<"ship", cairn::commands<load>, cairn::events<cairn::named<"loaded", loaded, 2>>,
                    cairn::upcast<"loaded", 1, &ship::in_kilograms>>;
  // [/upcast]
};

} // namespace with_upcaster

TEST(GuideEvolution, AnEventOfAnotherShapeIsReadThroughAnUpcaster) {
  held_journal journal;
  yesterday::sail(journal);
  cairn::world world({.journal = journal.source()});
  world.host<with_upcaster::ship>();
  EXPECT_EQ(world.entity<with_upcaster::ship>("s").read().get().state.kilograms, 6'000);
}

namespace with_meaning {

struct ship {
  std::int64_t cargo = 0;

  using load = yesterday::ship::load;
  using loaded = yesterday::ship::loaded;
  cairn::decision<loaded> decide(const load& command) const { return loaded{command.tons}; }
  void apply(const loaded& event) { cargo += event.tons * 1'000; }

  // [state_version]
  using entity = cairn::entity<"ship", cairn::commands<load>,
                               cairn::state_version<1>>; // `cargo` counts kilograms now
  // [/state_version]
};

} // namespace with_meaning

TEST(GuideEvolution, ANewMeaningOfTheStateTakesANewStateVersion) {
  held_journal journal;
  yesterday::sail(journal);
  cairn::world world({.journal = journal.source()});
  world.host<with_meaning::ship>();
  EXPECT_EQ(world.entity<with_meaning::ship>("s").read().get().state.cargo, 6'000);
}

// Invariant 9.
TEST(GuideEvolution, AnEventThatNobodyKnowsStopsTheEntityAndIsNamed) {
  held_journal journal;
  yesterday::sail(journal);
  cairn::entity_type without = cairn::type_descriptor<yesterday::ship>();
  without.events.clear();
  without.fingerprint = 0; // no snapshot fits
  cairn::world world({.journal = journal.source()});
  world.host(without);
  std::promise<cairn::json_reading> read;
  cairn::any_entity(world, without, "ship/s").post_read([&](cairn::json_reading reading) {
    read.set_value(std::move(reading));
  });
  const auto failure = read.get_future().get().failure;
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->error, cairn::entity_errc::unknown_event);
  EXPECT_EQ(failure->message.find("change 0 (ship/s version 1): event loaded of schema 1"), 0U)
      << failure->message;
}

} // namespace
