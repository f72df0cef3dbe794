#pragma once

#include <cairn/by_name.hpp>
#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/user_code/user_code_table.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the rows of the table of users' code share.
namespace cairn::testing {

/// Lines of a world's log.
class kept_log {
public:
  log_options options() {
    return {log_level::error, [this](std::string_view line) {
              const std::lock_guard lock(mutex_);
              lines_.emplace_back(line);
            }};
  }

  /// Lines of `event`, and those of them that say `text`.
  std::pair<std::size_t, std::size_t> count(std::string_view event, std::string_view text) const {
    const std::lock_guard lock(mutex_);
    const std::string wanted = "\"event\":\"" + std::string(event) + '"';
    std::pair<std::size_t, std::size_t> found{0, 0};
    for (const auto& line : lines_) {
      if (line.find(wanted) != std::string::npos) {
        ++found.first;
        found.second += line.find(text) != std::string::npos ? 1 : 0;
      }
    }
    return found;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// A world with a bad entity, at value 5, and a good one. The scene ends with a look at whether they go on.
class user_code_scene {
public:
  using rascal = sample::rascal;

  user_code_scene(const world_maker& make, const sample::thrown_kind& what,
                  world_options options = {})
      : thrown(what), world(make(with_log(std::move(options)))) {
    world.host<rascal>();
    if (bad().read().get().version == 0) { // else it opens a journal that has them
      EXPECT_TRUE(bad().send(rascal::add{2}).get());
      EXPECT_TRUE(bad().send(rascal::spoil{}).get());
      EXPECT_TRUE(bad().send(rascal::add{3}).get());
      EXPECT_TRUE(good().send(rascal::add{1}).get());
    }
  }

  ~user_code_scene() {
    if (!closed_) {
      check_and_close();
    }
  }
  user_code_scene(const user_code_scene&) = delete;
  user_code_scene& operator=(const user_code_scene&) = delete;

  entity_ref<rascal> bad() { return world.entity<rascal>("bad"); }
  entity_ref<rascal> good() { return world.entity<rascal>("good"); }
  any_entity any_bad() { return {world, type_descriptor<rascal>(), "rascal/bad"}; }

  void light(sample::place where, int times = sample::fuse::always, int spares = 0) {
    sample::fuse::light(where, thrown, times, spares);
  }

  /// Code that belongs to no entity calls this.
  static void act() { sample::fuse::pass(sample::place::outside); }

  /// It failed as its code did.
  template <class Outcome>
  void expect_failed(const Outcome& ended) {
    ASSERT_NE(ended.failed(), nullptr);
    expect_text(ended.failed());
  }
  void expect_text(const failed* failure) {
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->error, entity_errc::entity_error) << failure->message;
    expect_says(failure->message);
  }
  void expect_says(std::string_view text) {
    EXPECT_NE(text.find(thrown.text), std::string_view::npos) << text;
  }

  /// Loading the bad entity fails while its code throws, for all that wait for it, and not after.
  static void expect_load_fails(cairn::world& in, const sample::thrown_kind& what,
                                sample::place where) {
    sample::fuse::light(where, what);
    const auto bad = in.entity<rascal>("bad");
    auto first = bad.send(rascal::add{1});
    auto second = bad.send(rascal::add{1});
    for (auto* sent : {&first, &second}) {
      const auto ended = sent->get();
      ASSERT_NE(ended.failed(), nullptr);
      EXPECT_EQ(ended.failed()->error, entity_errc::entity_error);
      EXPECT_NE(ended.failed()->message.find(what.text), std::string::npos);
    }
    EXPECT_TRUE(in.entity<rascal>("good").send(rascal::add{1}).get());
    sample::fuse::put_out();
    EXPECT_TRUE(bad.send(rascal::add{1}).get());
    EXPECT_EQ(bad.read().get().state.value, 7);
    EXPECT_TRUE(in.close().ok());
  }

  /// Another entity, while this one's code still throws.
  void expect_others_go_on() { EXPECT_TRUE(good().send(rascal::add{1}).get()); }

  /// Runs what is to throw on this very thread, and says what that was.
  template <class Call>
  void expect_comes_out(Call call) {
    std::string text;
    EXPECT_FALSE(detail::guard(call, [&](std::string what) { text = std::move(what); }));
    expect_says(text);
  }

  /// The log has such lines once the world is closed.
  void expect_logged(std::string_view event, std::size_t lines = 1) {
    check_and_close();
    const auto found = log_.count(event, thrown.text);
    EXPECT_EQ(found, (std::pair{lines, lines})) << event;
  }

  void check_and_close() {
    closed_ = true;
    sample::fuse::put_out();
    expect_others_go_on();
    const auto seen = bad().read().get();
    EXPECT_FALSE(seen.failure.has_value());
    EXPECT_EQ(seen.state.value, value);
    EXPECT_TRUE(bad().send(rascal::add{1}).get());
    EXPECT_EQ(bad().read().get().state.value, value + 1);
    EXPECT_TRUE(world.close().ok());
  }

  /// Nothing can be written any more: the world only closes.
  void only_close() {
    closed_ = true;
    sample::fuse::put_out();
    EXPECT_TRUE(world.close().ok());
  }

  const sample::thrown_kind& thrown;
  std::int64_t value = 5; ///< That the bad entity is to have in the end.

private:
  kept_log log_; // outlives the world

  world_options with_log(world_options options) {
    options.log = options.log.sink ? options.log : log_.options();
    return options;
  }

  bool closed_ = false;

public:
  cairn::world world;
};

/// A callback that throws; the request is answered when it is called.
class throwing_callback {
public:
  template <class... Given>
  void operator()(const Given&... /*given*/) const {
    const call_end end{*called_}; // when it has thrown, and not before
    user_code_scene::act();
  }
  void await() { called_->get_future().wait(); }

private:
  struct call_end {
    std::promise<void>& called;
    ~call_end() { called.set_value(); }
  };

  std::shared_ptr<std::promise<void>> called_ = std::make_shared<std::promise<void>>();
};

/// Waits for what a callback gets.
template <class Given, class Ask>
Given asked_for(Ask ask) {
  const auto told = std::make_shared<std::promise<Given>>(); // may still be at it when this returns
  ask([told](Given given) { told->set_value(std::move(given)); });
  return told->get_future().get();
}

// The parts of the table, by what the code belongs to.
std::vector<user_code_row> entity_code_rows();
std::vector<user_code_row> copying_code_rows();
std::vector<user_code_row> json_code_rows();
std::vector<user_code_row> callback_code_rows();
std::vector<user_code_row> other_code_rows();

} // namespace cairn::testing
