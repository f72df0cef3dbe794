// What an entity remembers of its commands by their ids.

#include "entities/id_window.hpp"

#include <cairn/detail/entity_type.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace cairn {
namespace {

using known = remembered_command::known;

std::shared_ptr<remembered_command> command(const std::string& id, version_type version,
                                            std::string reply = {}) {
  auto made = std::make_shared<remembered_command>();
  made->id = id;
  made->version = version;
  made->reply = std::move(reply);
  return made;
}

std::string id_of(version_type version) { return "c" + std::to_string(version); }

/// One command for each version up to `last`.
void fill(id_window& window, version_type last) {
  for (version_type version = 1; version <= last; ++version) {
    window.remember(command(id_of(version), version));
    window.expire(version);
  }
}

version_type version_of(const id_window& window, const std::string& id) {
  const auto found = window.find(id);
  return found ? found->version : 0;
}

} // namespace

TEST(IdWindow, OfManyItFindsEveryOneAndNoOther) {
  constexpr std::uint32_t window_size = 1'000;
  id_window window(window_size);
  fill(window, 2'500);
  EXPECT_EQ(window.size(), window_size);
  for (version_type version = 1; version <= 2'500; ++version) {
    EXPECT_EQ(version_of(window, id_of(version)), version <= 1'500 ? 0 : version);
  }
  EXPECT_EQ(window.find("c"), nullptr);
}

// A look-up goes by an index: without, these took the square of their number.
TEST(IdWindow, LookingUpCostsTheSameInALargeOne) {
  constexpr version_type size = 100'000;
  id_window window(size);
  fill(window, size);
  version_type sum = 0;
  for (version_type version = 1; version <= size; ++version) {
    sum += version_of(window, id_of(version));
  }
  EXPECT_EQ(sum, size * (size + 1) / 2);
}

TEST(IdWindow, WhatIsTakenBackIsNotKnownAndTheOthersAre) {
  for (const version_type size : {3U, 40U, 200U}) { // with and without an index
    id_window window(1'000);
    fill(window, size);
    window.remember(command("taken back", size + 1));
    window.forget_newest();
    EXPECT_EQ(window.find("taken back"), nullptr);
    for (version_type version = 1; version <= size; ++version) {
      EXPECT_EQ(version_of(window, id_of(version)), version);
    }
    window.remember(command("next", size + 1));
    EXPECT_EQ(version_of(window, "next"), size + 1);
    EXPECT_EQ(version_of(window, id_of(size)), size);
  }
}

// An id that comes again when it has fallen out of a narrower window, as an old journal may have it.
TEST(IdWindow, OfTwoCommandsOfOneIdTheNewerOneCounts) {
  id_window window(1'000);
  fill(window, 100);
  window.remember(command(id_of(7), 101));
  EXPECT_EQ(version_of(window, id_of(7)), 101U);
  window.expire(1'050); // the first one leaves
  EXPECT_EQ(version_of(window, id_of(7)), 101U);
  window.expire(1'101);
  EXPECT_EQ(version_of(window, id_of(7)), 0U);
}

TEST(IdWindow, AChangeIsPlacedWhereverItStands) {
  id_window window(1'000);
  fill(window, 300);
  for (const version_type version : {1U, 150U, 300U}) {
    window.place(version, version + 1'000);
    EXPECT_EQ(window.find(id_of(version))->position.load(), version + 1'000);
  }
  window.place(301, 7);
  window.place(0, 7);
}

// Invariant 8.
TEST(IdWindow, RepliesTakeSoManyBytesAndTheOldestAreLeftToTheJournal) {
  constexpr std::size_t reply_bytes = 100'000;
  id_window window(128);
  for (version_type version = 1; version <= 20; ++version) {
    window.remember(command(id_of(version), version, std::string(reply_bytes, 'r')));
    window.expire(version);
  }
  std::size_t kept = 0;
  window.for_each([&](const remembered_command& each) { kept += each.reply.size(); });
  EXPECT_LE(kept, id_window::reply_bytes_max);
  EXPECT_EQ(window.size(), 20U) << "the commands themselves are known all the same";
  EXPECT_EQ(window.find(id_of(1))->what, known::but_for_reply);
  EXPECT_EQ(window.find(id_of(20))->what, known::all);
  window.remember(command("huge", 21, std::string(id_window::reply_bytes_max + 1, 'r')));
  EXPECT_EQ(window.find("huge")->what, known::but_for_reply);
  window.forget_newest();
  window.remember(command("small", 21, "7"));
  EXPECT_EQ(window.find("small")->reply, "7");
}

TEST(IdWindow, ForEverNoneIsForgotten) {
  id_window window(for_ever);
  fill(window, 5'000);
  EXPECT_EQ(window.size(), 128U);
  EXPECT_EQ(window.past_size(), 5'000U - 128U);
  for (version_type version = 1; version <= 5'000; ++version) {
    const auto found = window.find(id_of(version));
    ASSERT_NE(found, nullptr) << version;
    EXPECT_EQ(found->version, version);
    EXPECT_EQ(found->what, version + 128 <= 5'000 ? known::version_alone : known::all);
  }
  EXPECT_EQ(window.find("another"), nullptr);
}

// Ids of long ago are in each snapshot: the more they are, the rarer it is taken, so that they cost each change the same.
TEST(IdWindow, ForEverASnapshotIsTheRarerTheMoreIdsThereAre) {
  id_window window(for_ever);
  EXPECT_EQ(window.snapshot_stretch(), 1U);
  fill(window, 1'000);
  EXPECT_EQ(window.snapshot_stretch(), 1U);
  fill(window, 100'000);
  EXPECT_EQ(window.snapshot_stretch(), 32U);
  EXPECT_EQ(id_window(128).snapshot_stretch(), 1U);
}

} // namespace cairn
