// What an entity says of stale commands: aspects, commuting commands, `merge`; and how a change is taken
// back.

#include <cairn/entity.hpp>

#include "entities/live_entity.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace {

using cairn::conflict_kind;
using cairn::live_entity;
using cairn::version_checks;
using cairn::version_type;
using names = std::vector<std::string>;

/// Two aspects, a command for each, one for both, and one that declares nothing.
struct card {
  std::string name;
  std::string phone;
  std::int64_t seen = 0;

  struct rename {
    std::string name;
  };
  struct dial {
    std::string phone;
  };
  struct replace {
    std::string name;
    std::string phone;
  };
  struct look {};
  struct renamed {
    std::string name;
  };
  struct dialled {
    std::string phone;
  };
  struct looked_at {};

  cairn::decision<renamed> decide(const rename& command) const {
    if (command.name.empty()) {
      return cairn::reject("no name");
    }
    return renamed{command.name};
  }
  cairn::decision<dialled> decide(const dial& command) const { return dialled{command.phone}; }
  cairn::decision<renamed, dialled> decide(const replace& command) const {
    return {renamed{command.name}, dialled{command.phone}};
  }
  cairn::decision<looked_at> decide(const look& /*command*/) const { return looked_at{}; }
  void apply(const renamed& event) { name = event.name; }
  void apply(const dialled& event) { phone = event.phone; }
  void apply(const looked_at& /*event*/) { ++seen; }

  using entity =
      cairn::entity<"card", cairn::commands<rename, dial, replace, look>,
                    cairn::depends_on<rename, &card::name>, cairn::depends_on<dial, &card::phone>,
                    cairn::touches<renamed, &card::name>, cairn::touches<dialled, &card::phone>>;
};

/// `add` commutes with itself and with `take`; `append` is merged by the state; `close` with nothing.
struct ledger {
  std::int64_t sum = 0;
  std::string text;
  bool closed = false;

  struct add {
    std::int64_t n = 0;
  };
  struct take {
    std::int64_t n = 0;
  };
  struct append {
    std::string text;
  };
  struct close {};
  struct added {
    std::int64_t n = 0;
  };
  struct appended {
    std::string text;
  };
  struct was_closed {};

  cairn::decision<added> decide(const add& command) const { return added{command.n}; }
  cairn::decision<added> decide(const take& command) const { return added{-command.n}; }
  cairn::decision<appended> decide(const append& command) const { return appended{command.text}; }
  cairn::decision<was_closed> decide(const close& /*command*/) const { return was_closed{}; }
  void apply(const added& event) { sum += event.n; }
  void apply(const appended& event) { text += event.text; }
  void apply(const was_closed& /*event*/) { closed = true; }

  /// Tells in the text what it was shown.
  std::optional<append> merge(const append& stale,
                              const cairn::missed_changes<ledger>& missed) const {
    if (closed) {
      return std::nullopt;
    }
    std::string seen = "<";
    missed.for_each([&](const appended& event, version_type version) {
      seen += std::to_string(version) + event.text;
    });
    missed.for_each([&](const added& event) { seen += "+" + std::to_string(event.n); });
    return append{stale.text + seen + ">"};
  }

  using entity = cairn::entity<"ledger", cairn::commands<add, take, append, close>,
                               cairn::events<cairn::named<"closed", was_closed>>,
                               cairn::commutes<add, add, take>, cairn::merge_window<4>>;
};

/// An entity and the few words that the tests need.
template <class State>
class driven {
public:
  live_entity& entity() noexcept { return entity_; }
  version_type version() const noexcept { return entity_.standing().version; }
  const State& state() const noexcept { return *static_cast<const State*>(entity_.state()); }
  names in_the_way(const cairn::admission& judged) const {
    return entity_.type().names_of(judged.in_the_way);
  }

  template <class Command>
  const cairn::command_type* type_of_command() const {
    return &entity_.type().commands[State::entity::command_list::template index_of<Command>()];
  }

  template <class Command>
  cairn::admission admit(const Command& command, cairn::expectation expected,
                         version_checks checks = version_checks::on) const {
    return entity_.admit(type_of_command<Command>(), &command, expected, checks);
  }

  /// Decides it, whatever it may have missed.
  template <class Command>
  driven& execute(const Command& command) {
    execute(type_of_command<Command>(), &command);
    return *this;
  }

  void execute(const cairn::command_type* command, const void* arguments) {
    cairn::execution done(std::numeric_limits<std::size_t>::max());
    entity_.execute(*command, arguments, {{}, random_, "tested/a", version(), ""}, done);
  }

  driven& remove() {
    cairn::execution done(std::numeric_limits<std::size_t>::max());
    entity_.remove({{}, random_, "tested/a", version(), ""}, done);
    return *this;
  }

private:
  live_entity entity_{cairn::type_descriptor<State>()};
  cairn::random_source random_{1};
};

TEST(Aspects, OnlyWhatACommandDependsOnIsInItsWay) {
  driven<card> it;
  it.execute(card::replace{"Ann", "1"}).execute(card::rename{"Anna"});
  const auto dial = it.admit(card::dial{"2"}, cairn::at(1));
  EXPECT_FALSE(dial.refused);
  EXPECT_FALSE(dial.merged) << "it has missed nothing that it depends on";
  const auto rename = it.admit(card::rename{"x"}, cairn::at(1));
  EXPECT_EQ(rename.refused, conflict_kind::stale);
  EXPECT_EQ(it.in_the_way(rename), names{"name"});
  EXPECT_FALSE(it.admit(card::rename{"x"}, cairn::at(2)).refused);
  EXPECT_EQ(it.admit(card::dial{"x"}, cairn::at(3)).refused, conflict_kind::ahead);
  EXPECT_EQ(it.admit(card::dial{"x"}, cairn::absent).refused, conflict_kind::exists);
  EXPECT_FALSE(it.admit(card::rename{"x"}, cairn::at(1), version_checks::off).refused);
}

TEST(Aspects, WhoDeclaresNothingDependsOnAllAndTouchesAll) {
  driven<card> it;
  it.execute(card::replace{"Ann", "1"}).execute(card::rename{"Anna"});
  const auto replace = it.admit(card::replace{"x", "y"}, cairn::at(1));
  EXPECT_EQ(replace.refused, conflict_kind::stale);
  EXPECT_EQ(it.in_the_way(replace), names{"name"}) << "what changed of all that it depends on";
  EXPECT_EQ(it.entity().admit(nullptr, nullptr, cairn::at(1), version_checks::on).refused,
            conflict_kind::stale)
      << "a removal";
  it.execute(card::look{});
  EXPECT_TRUE(it.entity().touched().empty()) << "all is written as none";
  EXPECT_EQ(it.in_the_way(it.admit(card::dial{"2"}, cairn::at(2))), names{"phone"});
}

TEST(Aspects, CreationAndRemovalTouchAll) {
  driven<card> it;
  it.execute(card::rename{"Ann"});
  EXPECT_TRUE(it.entity().touched().empty());
  EXPECT_EQ(it.in_the_way(it.admit(card::dial{"1"}, cairn::at(0))), names{"phone"});
  it.execute(card::rename{"Anna"});
  EXPECT_EQ(it.entity().touched(), names{"name"});
  it.remove().execute(card::rename{"Bea"});
  EXPECT_EQ(it.entity().aspect_versions(), (std::vector<version_type>{4, 4}));
}

TEST(Aspects, ARejectionTouchesNothing) {
  driven<card> it;
  it.execute(card::rename{"Ann"}).execute(card::rename{""});
  EXPECT_EQ(it.entity().aspect_versions(), (std::vector<version_type>{1, 1}));
}

// Invariant 5, for the aspects.
TEST(Aspects, ReplayGivesTheVersionsThatTheLiveEntityHolds) {
  driven<card> live;
  live_entity replayed(cairn::type_descriptor<card>());
  const auto replay = [&](std::string_view event, std::string_view data, std::string_view command) {
    replayed.begin_change();
    EXPECT_TRUE(replayed.apply(event, 1, data).ok());
    replayed.end_change(live.version(), false, command, live.entity().touched());
  };
  live.execute(card::rename{"Ann"});
  replay("renamed", R"({"name":"Ann"})", "rename");
  live.execute(card::dial{"1"});
  replay("dialled", R"({"phone":"1"})", "dial");
  EXPECT_EQ(replayed.aspect_versions(), (std::vector<version_type>{1, 2}));
  EXPECT_EQ(replayed.aspect_versions(), live.entity().aspect_versions());
  // An aspect of yesterday that nobody knows: rather a conflict too many.
  replayed.begin_change();
  replayed.end_change(3, false, "rename", {"nickname"});
  EXPECT_EQ(replayed.aspect_versions(), (std::vector<version_type>{3, 3}));
}

TEST(Aspects, AreSixtyFourAtMost) {
  auto type = cairn::type_descriptor<card>();
  type.aspects.assign(cairn::aspects_max - 1, "another");
  EXPECT_EQ((cairn::detail::aspect_of<card, &card::name>(type)), cairn::aspect_set{1} << 63U);
  EXPECT_EQ((cairn::detail::aspect_of<card, &card::name>(type)), cairn::aspect_set{1} << 63U)
      << "it is listed";
  EXPECT_THROW((cairn::detail::aspect_of<card, &card::phone>(type)), cairn::startup_error);
}

TEST(Merging, CommandsThatCommuteMissNothing) {
  driven<ledger> it;
  it.execute(ledger::add{1}).execute(ledger::add{2}).execute(ledger::take{1});
  const auto add = it.admit(ledger::add{5}, cairn::at(1));
  EXPECT_FALSE(add.refused);
  EXPECT_TRUE(add.merged);
  EXPECT_EQ(add.instead, nullptr) << "it is decided as it is";
  EXPECT_FALSE(it.admit(ledger::add{5}, cairn::at(3)).merged) << "it is not stale";
  EXPECT_EQ(it.admit(ledger::add{5}, cairn::at(4)).refused, conflict_kind::ahead);
  // `take` was declared the other way round only with `add`.
  EXPECT_TRUE(it.admit(ledger::take{1}, cairn::at(2)).refused);
  it.execute(ledger::add{1});
  EXPECT_TRUE(it.admit(ledger::take{1}, cairn::at(3)).merged);
  it.execute(ledger::append{"x"});
  EXPECT_EQ(it.admit(ledger::add{5}, cairn::at(3)).refused, conflict_kind::stale);
}

TEST(Merging, NeverHappensWithoutADeclaration) {
  driven<ledger> it;
  it.execute(ledger::add{1}).execute(ledger::add{2});
  EXPECT_EQ(it.admit(ledger::close{}, cairn::at(1)).refused, conflict_kind::stale);
  EXPECT_EQ(it.entity().admit(nullptr, nullptr, cairn::at(1), version_checks::on).refused,
            conflict_kind::stale)
      << "a removal";
  EXPECT_FALSE(driven<card>().entity().type().merges());
}

TEST(Merging, TheStateSeesWhatWasMissedAndGivesACommand) {
  driven<ledger> it;
  it.execute(ledger::append{"a"}).execute(ledger::append{"b"}).execute(ledger::add{7});
  const auto judged = it.admit(ledger::append{"c"}, cairn::at(1));
  EXPECT_FALSE(judged.refused);
  EXPECT_TRUE(judged.merged);
  ASSERT_NE(judged.instead, nullptr);
  EXPECT_EQ(static_cast<const ledger::append*>(judged.instead.get())->text, "c<2b+7>");
  it.execute(ledger::close{});
  const auto closed = it.admit(ledger::append{"d"}, cairn::at(1));
  EXPECT_EQ(closed.refused, conflict_kind::stale);
  EXPECT_FALSE(closed.merged);
}

TEST(Merging, IsNeverOverTheBeginningOrTheEndOfALife) {
  driven<ledger> it;
  it.execute(ledger::add{1});
  EXPECT_EQ(it.admit(ledger::add{1}, cairn::at(0)).refused, conflict_kind::stale);
  it.execute(ledger::add{1}).remove().execute(ledger::add{1}).execute(ledger::add{1});
  for (const version_type seen : {1U, 2U, 3U}) {
    EXPECT_EQ(it.admit(ledger::add{1}, cairn::at(seen)).refused, conflict_kind::stale) << seen;
  }
  EXPECT_TRUE(it.admit(ledger::add{1}, cairn::at(4)).merged);
}

TEST(Merging, WhatLiesBeforeTheWindowStaysAConflict) {
  driven<ledger> it;
  it.execute(ledger::add{1});
  for (int i = 0; i < 5; ++i) {
    it.execute(ledger::add{1});
  }
  EXPECT_EQ(it.version(), 6U);
  EXPECT_EQ(it.admit(ledger::add{1}, cairn::at(1)).refused, conflict_kind::stale);
  EXPECT_TRUE(it.admit(ledger::add{1}, cairn::at(2)).merged) << "four changes, which are kept";
  it.entity().kept()->forget();
  EXPECT_EQ(it.admit(ledger::add{1}, cairn::at(5)).refused, conflict_kind::stale);
}

TEST(Merging, TheWindowIsTheSameAfterReplayAndFromStoredChanges) {
  const auto& type = cairn::type_descriptor<ledger>();
  const ledger::append late{"c"};
  const auto* append = type.find_command("append");
  const auto merged_text = [&](const live_entity& entity) {
    const auto judged = entity.admit(append, &late, cairn::at(1), version_checks::on);
    return judged.instead ? static_cast<const ledger::append*>(judged.instead.get())->text
                          : std::string("not merged");
  };
  live_entity replayed(type);
  version_type version = 0;
  for (const char* text : {R"({"text":"a"})", R"({"text":"b"})"}) {
    replayed.begin_change();
    EXPECT_TRUE(replayed.apply("appended", 1, text).ok());
    replayed.end_change(++version, false, "append");
  }
  EXPECT_EQ(merged_text(replayed), "c<2b>");

  live_entity restored(type);
  cairn::json::problem wrong;
  ASSERT_TRUE(restored.restore(2, false, R"({"sum":0,"text":"ab","closed":false})", wrong));
  EXPECT_EQ(merged_text(restored), "not merged") << "nothing is known of the time before";
  EXPECT_TRUE(restored.keep_stored(1, "", {}, {{"appended", 1, {{"text", "a"}}}}));
  EXPECT_TRUE(restored.keep_stored(2, "append", {}, {{"appended", 1, {{"text", "b"}}}}));
  EXPECT_EQ(merged_text(restored), "c<2b>");
  EXPECT_FALSE(restored.keep_stored(3, "append", {}, {{"appended", 2, {{"text", "c"}}}}))
      << "an event of another form";
  EXPECT_FALSE(restored.keep_stored(3, "append", {}, {{"appended", 1, {{"wrong", "c"}}}}));
  EXPECT_FALSE(restored.keep_stored(3, "append", {}, {{"unheard_of", 1, nullptr}}));
}

TEST(Savepoint, BringsBackStateVersionAndAspects) {
  driven<card> it;
  it.execute(card::replace{"Ann", "1"});
  auto saved = it.entity().save();
  it.execute(card::rename{"Anna"});
  EXPECT_EQ(it.version(), 2U);
  it.entity().go_back(std::move(saved));
  EXPECT_EQ(it.version(), 1U);
  EXPECT_EQ(it.state().name, "Ann");
  EXPECT_EQ(it.entity().aspect_versions(), (std::vector<version_type>{1, 1}));
  EXPECT_FALSE(it.admit(card::rename{"x"}, cairn::at(1)).refused);
}

TEST(Savepoint, BringsBackARemovedAndACreatedEntity) {
  driven<card> it;
  it.execute(card::rename{"Ann"});
  auto alive = it.entity().save();
  it.remove();
  it.entity().go_back(std::move(alive));
  EXPECT_TRUE(it.entity().standing().exists());
  EXPECT_EQ(it.state().name, "Ann");
  it.remove();
  auto removed = it.entity().save();
  it.execute(card::rename{"Bea"});
  it.entity().go_back(std::move(removed));
  EXPECT_TRUE(it.entity().standing().removed);
  EXPECT_EQ(it.version(), 2U);
}

TEST(Savepoint, WhatWasTakenBackIsMissedByNobody) {
  driven<ledger> it;
  it.execute(ledger::append{"a"}).execute(ledger::append{"b"});
  auto saved = it.entity().save();
  it.execute(ledger::close{});
  it.entity().go_back(std::move(saved));
  const auto judged = it.admit(ledger::append{"c"}, cairn::at(1));
  ASSERT_NE(judged.instead, nullptr);
  EXPECT_EQ(static_cast<const ledger::append*>(judged.instead.get())->text, "c<2b>");
  it.execute(ledger::append{"d"});
  const auto after = it.admit(ledger::append{"c"}, cairn::at(1));
  ASSERT_NE(after.instead, nullptr);
  EXPECT_EQ(static_cast<const ledger::append*>(after.instead.get())->text, "c<2b3d>");
}

} // namespace
