// Random values of every kind, through everything that writes them, are read by everything that reads (invariants 5
// and 13). A failing seed is printed and repeats.

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_transaction.hpp>
#include <cairn/detail/tools/refusals.hpp>
#include <cairn/detail/tools/replay.hpp>
#include <cairn/detail/tools/transfer.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/described_values.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::chest;
using sample::treasure;
using sample::tree;

/// Makes values that hold what is hardest to write.
class value_source {
public:
  explicit value_source(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  std::string text(std::size_t characters_max, bool with_controls = true) {
    static const std::vector<std::string> plain{"a",
                                                "Z",
                                                " ",
                                                "/",
                                                "\"",
                                                "\\",
                                                "{",
                                                "]",
                                                ",",
                                                ":",
                                                "~1",
                                                "\xC3\xAB",
                                                "\xDF\xBF",
                                                "\xE2\x98\x83",
                                                "\xED\x9F\xBF",
                                                "\xEE\x80\x80",
                                                "\xEF\xBF\xBF",
                                                "\xF0\x9D\x84\x9E",
                                                "\xF4\x8F\xBF\xBF",
                                                "null",
                                                "e-9"};
    static const std::vector<std::string> controls{
        std::string(1, '\0'), "\x01", "\n", "\r", "\t", "\x1f", "\x7f", "\xC2\x80"};
    std::string made;
    for (auto left = below(characters_max + 1); left > 0; --left) {
      const auto& from = with_controls && one_in(4) ? controls : plain;
      made += from[below(from.size())];
    }
    return made;
  }

  /// Digits of bytes of which some are no UTF-8.
  std::string hex() {
    std::string made;
    for (auto left = below(40) + 1; left > 0; --left) {
      const unsigned byte = one_in(2) ? 0x41 : static_cast<unsigned>(below(256));
      made += "0123456789abcdef"[byte >> 4U];
      made += "0123456789abcdef"[byte & 15U];
    }
    return made;
  }

  template <class Float, class Bits>
  Float real() {
    using limits = std::numeric_limits<Float>;
    static const std::vector<Float> extremes{Float{0},
                                             -Float{0},
                                             limits::max(),
                                             limits::min(),
                                             limits::lowest(),
                                             limits::denorm_min(),
                                             -limits::denorm_min(),
                                             Float{1e22F},
                                             Float{0.1F}};
    if (one_in(2)) {
      return extremes[below(extremes.size())];
    }
    const auto made = std::bit_cast<Float>(static_cast<Bits>(engine_()));
    return std::isfinite(made) ? made : Float{1} / 3;
  }

  template <class Integer>
  Integer integer() {
    using limits = std::numeric_limits<Integer>;
    const auto any = static_cast<Integer>(engine_());
    return one_in(3) ? limits::max() : one_in(2) ? limits::min() : any;
  }

  tree sapling(std::size_t levels) {
    tree made;
    made.label = text(3);
    if (levels > 1) {
      if (one_in(2)) {
        made.children.push_back(sapling(levels - 1));
      } else {
        made.named[text(2)] = sapling(levels - 1);
      }
      if (one_in(8)) {
        made.children.push_back(sapling(2));
      }
    }
    return made;
  }

  treasure value() {
    treasure made;
    made.real = one_in(2);
    made.weight = integer<std::int64_t>();
    made.purity = real<double, std::uint64_t>();
    made.shine = real<float, std::uint32_t>();
    made.story = text(30);
    if (one_in(2)) made.owner = text(5);
    if (one_in(2)) {
      auto& marks = made.marks.emplace();
      for (auto left = below(4); left > 0; --left) {
        marks.push_back(one_in(2) ? std::optional(integer<std::int32_t>()) : std::nullopt);
      }
    }
    for (auto left = below(4); left > 0; --left) {
      made.coins.push_back({one_in(2) ? sample::metal::gold : sample::metal::silver,
                            integer<std::int8_t>(), integer<std::uint64_t>()});
    }
    for (auto& each : made.place) each = real<double, std::uint64_t>();
    for (auto left = below(3); left > 0; --left) made.letters[text(4)] = {text(4), text(4)};
    for (auto left = below(3); left > 0; --left) made.tags.insert(text(4));
    // As deep as its surest holder can be, and now and then deeper: that is refused.
    if (one_in(2)) made.map = sapling(one_in(4) ? below(200) + 1 : below(60) + 1);
    return made;
  }

  cairn::send_options options() {
    cairn::send_options made;
    if (one_in(2)) made.id = "i" + std::to_string(engine_()) + text(5);
    for (auto left = below(3); left > 0; --left) {
      made.meta.emplace_back(std::to_string(left) + text(4), text(8));
    }
    return made;
  }

private:
  std::mt19937_64 engine_;
};

class WrittenIsRead : public ::testing::TestWithParam<std::uint64_t> {
protected:
  WrittenIsRead() : values_(GetParam()) {
    for (int i = 0; i < 4; ++i) {
      ids_.push_back(std::to_string(i) + values_.text(4, false));
    }
    ids_.push_back("n\xC3\xAB");
    open();
  }

  void open() {
    world_.reset();
    cairn::world_options options;
    options.journal = cairn::rocksdb(directory_.path() / "data");
    options.clock = clock_;
    options.refusal_bytes_max = 1 << 20;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<chest>();
  }

  cairn::entity_ref<chest> any() { return world_->entity<chest>(ids_[values_.below(ids_.size())]); }

  /// Refused for its depth, or written.
  template <class Outcome>
  void expect_written(const Outcome& done) {
    if (const auto* failed = done.failed()) {
      ++refused_;
      EXPECT_EQ(failed->error, cairn::entity_errc::entity_error) << failed->message;
      EXPECT_NE(failed->message.find("too deep"), std::string::npos) << failed->message;
    } else {
      ++written_;
      EXPECT_TRUE(done);
    }
  }

  void write_something() {
    const auto to = any();
    switch (values_.below(6)) {
      case 0:
        return expect_written(to.send(chest::put{values_.value()}, values_.options()).get());
      case 1: {
        const std::string reason = values_.one_in(2) ? values_.hex() : "";
        return expect_written(to.send(chest::tell{ids_[values_.below(ids_.size())], values_.value(),
                                                  reason, values_.one_in(10) ? 5'000 : 1},
                                      values_.options())
                                  .get());
      }
      case 2:
        return expect_written(
            to.send(chest::later{values_.text(6), 1'000, values_.value()}, values_.options())
                .get());
      case 3:
        return expect_written(to.send(chest::ring{values_.text(6), values_.hex(), 1}).get());
      case 4: {
        const auto done = to.send(chest::refuse{values_.hex()}, values_.options()).get();
        ASSERT_NE(done.rejected(), nullptr);
        EXPECT_TRUE(cairn::json::is_utf8(done.rejected()->reason));
        return;
      }
      default: {
        cairn::transaction two(*world_);
        two.id("t" + std::to_string(written_ + refused_) + values_.text(3)); // each its own
        two.send(world_->entity<chest>(ids_[0]), chest::put{values_.value()})
            .send(world_->entity<chest>(ids_[1]), chest::put{values_.value()});
        return expect_written(two.commit().get());
      }
    }
  }

  /// Everything that a world shows of its entities, in the form in which it leaves the process.
  std::string shown() {
    std::string all;
    for (const auto& id : ids_) {
      const auto read = world_->entity<chest>(id).read().get();
      EXPECT_TRUE(read) << read.failure->message;
      cairn::json::problem wrong;
      EXPECT_TRUE(cairn::json::encode(all, read.state, wrong)) << wrong.text();
      all += '\n';
    }
    return all;
  }

  void expect_conflicts_to_be_shown() {
    for (const auto& id : ids_) {
      const auto entity = world_->entity<chest>(id);
      if (entity.read().get().version < 2) continue;
      const auto stale = entity
                             .send(chest::refuse{"41"}, cairn::at(1),
                                   {.show = {.missed = true, .paths = true, .state = true}})
                             .get();
      ASSERT_NE(stale.conflict(), nullptr) << (stale.failed() ? stale.failed()->message : "");
      ASSERT_TRUE(stale.conflict()->details);
      EXPECT_TRUE(stale.conflict()->details->paths);
      std::string text = "{\"items\":[{";
      cairn::write_conflict_json(text, *stale.conflict());
      boost::json::value value;
      cairn::json::problem wrong;
      EXPECT_TRUE(cairn::json::parse(text + "}]}", value, wrong)) << wrong.text();
    }
  }

  std::string exported(const cairn::journal& from) {
    std::string lines;
    const auto done = cairn::export_journal(from, {}, [&](std::string_view some) {
      lines += some;
      return true;
    });
    EXPECT_TRUE(done.ok()) << done.message;
    return lines;
  }

  void expect_tools_to_read() {
    auto journal = cairn::rocksdb(directory_.path() / "data", {.read_only = true})();
    cairn::verify_report verified;
    const auto good = cairn::verify_journal(*journal, verified);
    EXPECT_TRUE(good.ok()) << good.message;
    cairn::replay_request request;
    request.types = {&cairn::type_descriptor<chest>()};
    request.verify = true;
    request.threads = 1;
    cairn::replay_report replayed;
    const auto again = cairn::replay_journal(*journal, request, replayed);
    EXPECT_TRUE(again.ok()) << again.message;
    EXPECT_FALSE(replayed.divergence);
    EXPECT_GT(replayed.compared, 0U);
    const std::string lines = exported(*journal);
    const auto copy = cairn::memory()();
    std::istringstream in(lines);
    const auto imported = cairn::import_journal(in, *copy, {});
    EXPECT_TRUE(imported.ok()) << imported.message;
    EXPECT_EQ(exported(*copy), lines);
    EXPECT_TRUE(cairn::verify_journal(*copy, verified).ok());
    std::vector<cairn::waiting_timer> timers;
    EXPECT_TRUE(cairn::list_timers(*journal, 1'000, timers).ok());
    std::vector<cairn::undelivered_message> letters;
    EXPECT_TRUE(cairn::list_undelivered(*journal, {}, 1'000, letters).ok());
    std::size_t refusals = 0;
    bool found = false;
    std::vector<std::string> notices;
    EXPECT_TRUE(
        cairn::read_refusals(
            directory_.path() / "data", [&](const cairn::refusal&) { ++refusals; }, found, notices)
            .ok());
    EXPECT_TRUE(notices.empty()) << notices.front();
    EXPECT_GT(refusals, 0U);
  }

  value_source values_;
  cairn::clock clock_ = cairn::clock::stepped(cairn::time_point(1'780'000'000s));
  cairn::testing::temporary_directory directory_;
  std::vector<std::string> ids_;
  std::unique_ptr<cairn::world> world_;
  std::size_t written_ = 0;
  std::size_t refused_ = 0;
};

TEST_P(WrittenIsRead, WhateverItIs) {
  constexpr int writes = 60;
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < writes; ++i) {
    write_something();
  }
  EXPECT_GT(written_, 10U);
  // One at least that is deeper than anything may be.
  treasure too_deep;
  too_deep.map = values_.sapling(200);
  expect_written(any().send(chest::put{too_deep}).get());
  EXPECT_GT(refused_, 0U);
  world_->settle();
  const std::string before = shown();
  expect_conflicts_to_be_shown();
  ASSERT_TRUE(world_->close().ok());
  world_.reset();
  expect_tools_to_read();
  open();
  EXPECT_EQ(shown(), before);
  ASSERT_TRUE(world_->step(2s).ok()); // what waits is read from the journal now
  world_->settle();
  const std::string after = shown();
  std::vector<cairn::waiting_timer> timers;
  EXPECT_TRUE(cairn::list_timers(world_->journal(), 1'000, timers).ok());
  EXPECT_TRUE(timers.empty());
  ASSERT_TRUE(world_->close().ok());
  world_.reset();
  expect_tools_to_read();
  open();
  EXPECT_EQ(shown(), after);
}

INSTANTIATE_TEST_SUITE_P(Seeds, WrittenIsRead, ::testing::Values(1, 2, 3, 20'260'731));

} // namespace
