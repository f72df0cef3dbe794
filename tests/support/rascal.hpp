#pragma once

#include <cairn/cairn.hpp>

#include "tests/support/leaks.hpp"

#include <atomic>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An entity whose code throws what a test says, where a test says.
namespace sample {

/// Places in users' code.
enum class place : std::uint8_t {
  none,
  decide,
  apply,
  merge,
  veto,
  undelivered, // decide(undelivered)
  make_state,  // the state's default constructor
  copy_state,
  move_state,
  copy_event,
  make_command, // the command's default constructor
  make_reply,   // the reply's
  element,      // of a member's vector
  upcast,
  outside, // what belongs to no entity: predicates, callbacks and so on
};

/// What is thrown, and what a failure says of it.
struct thrown_kind {
  std::string_view name;
  void (*raise)();
  std::string_view text;
  bool suits_others = true; ///< Other libraries take it, too.
};

/// No exception.
struct brick {};

/// One that says nothing.
struct mute final : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

/// Throws again when it is let go.
struct grenade {
  grenade() = default;
  grenade(const grenade&) = default;
  grenade& operator=(const grenade&) = default;
  ~grenade() noexcept(false) { throw std::runtime_error("bang"); }
};

inline const std::vector<thrown_kind>& thrown_kinds() {
  static const std::vector<thrown_kind> kinds{
      {"an exception", [] { throw std::runtime_error("rascal broke"); }, "rascal broke"},
      {"an int", [] { throw 7; }, "no std::exception: 7"},
      {"a text", [] { throw "sticks"; }, "sticks"},
      {"a class that is no exception", [] { throw brick{}; }, "no std::exception"},
      {"bad_alloc", [] { throw std::bad_alloc(); }, "bad_alloc"},
      {"an exception without a text", [] { throw mute{}; }, "without a text", false},
      {"text that is not UTF-8", [] { throw std::runtime_error("caf\xC3"); }, "caf?"},
      {"what throws when it is let go",
       [] {
         const cairn::testing::may_leak leaks;
         throw grenade{};
       },
       "no std::exception", false},
  };
  return kinds;
}

/// Where something is thrown from now on, by all threads, and what.
class fuse {
public:
  static constexpr int always = 1'000'000;

  /// It throws so many `times`, after so many that it `spares`.
  static void light(place where, const thrown_kind& what, int times = always,
                    int spares = 0) noexcept {
    raise_ = what.raise;
    first_ = spares;
    last_ = spares + times;
    passed_ = 0;
    where_ = where;
  }
  static void put_out() noexcept { where_ = place::none; }

  /// Called by users' code at `here`.
  static void pass(place here) {
    if (where_ != here) {
      return;
    }
    const int before = passed_.fetch_add(1);
    if (before >= first_ && before < last_) {
      raise_.load()();
    }
  }

private:
  static inline std::atomic<place> where_{place::none};
  static inline std::atomic<void (*)()> raise_{nullptr};
  static inline std::atomic<int> first_{0};
  static inline std::atomic<int> last_{0};
  static inline std::atomic<int> passed_{0};
};

/// Does as any counter does, but a bad one is unpredictable.
struct rascal {
  std::int64_t value = 0;
  bool bad = false;

  rascal() { fuse::pass(place::make_state); }
  rascal(const rascal& other) : value(other.value), bad(other.bad) { pass(place::copy_state); }
  rascal(rascal&& other) noexcept(false) : value(other.value), bad(other.bad) {
    pass(place::move_state);
  }
  rascal& operator=(const rascal& other) {
    value = other.value;
    bad = other.bad;
    pass(place::copy_state);
    return *this;
  }
  rascal& operator=(rascal&& other) noexcept(false) {
    value = other.value;
    bad = other.bad;
    pass(place::move_state);
    return *this;
  }
  ~rascal() = default;

  struct pebble {
    pebble() { fuse::pass(place::element); }
    std::int64_t weight = 0;
  };
  struct answer {
    answer() { fuse::pass(place::make_reply); }
    explicit answer(std::int64_t given) : number(given) {}
    std::int64_t number = 0;
  };

  struct add {
    std::int64_t n = 0;
  };
  struct set { ///< Cannot be merged.
    set() { fuse::pass(place::make_command); }
    explicit set(std::int64_t given) : value(given) {}
    std::int64_t value = 0;
  };
  struct ask {};
  struct pile {
    std::vector<pebble> pebbles;
  };
  struct spoil {}; ///< Makes it a bad one.
  struct set_later {
    std::int64_t value = 0;
    std::int64_t in_ms = 0;
  };
  struct set_other {
    std::string id;
    std::int64_t value = 0;
  };

  struct added {
    std::int64_t n = 0;
    added() = default;
    explicit added(std::int64_t given) : n(given) {}
    added(const added& other) : n(other.n) { fuse::pass(place::copy_event); }
    added(added&& other) noexcept : n(other.n) {}
    added& operator=(const added&) = default;
    ~added() = default;
  };
  struct was_set {
    std::int64_t value = 0;
  };
  struct spoiled {};
  struct planned {};

  cairn::decision<added> decide(const add& c) const {
    pass(place::decide);
    return {added{c.n}};
  }
  cairn::decision<was_set> decide(const set& c) const {
    pass(place::decide);
    return {was_set{c.value}};
  }
  cairn::decision<cairn::replies<answer>, added> decide(const ask& /*c*/) const {
    return {added{1}, cairn::reply{answer(value)}};
  }
  cairn::decision<added> decide(const pile& c) const {
    return {added{static_cast<std::int64_t>(c.pebbles.size())}};
  }
  cairn::decision<spoiled> decide(const spoil& /*c*/) const { return {spoiled{}}; }
  cairn::decision<planned, cairn::timer<set>> decide(const set_later& c) const {
    return {planned{},
            cairn::timer<set>{"later", std::chrono::milliseconds(c.in_ms), set(c.value)}};
  }
  cairn::decision<planned, cairn::message<rascal, set>> decide(const set_other& c) const {
    return {planned{}, cairn::message<rascal, set>{c.id, set(c.value)}};
  }
  cairn::decision<> decide(const cairn::remove& /*c*/) const {
    pass(place::veto);
    return {};
  }
  cairn::decision<added> decide(const cairn::undelivered& /*message*/) const {
    pass(place::undelivered);
    return {added{100}};
  }
  std::optional<add> merge(const add& stale, const cairn::missed_changes<rascal>& /*seen*/) const {
    pass(place::merge);
    return stale;
  }
  void apply(const added& event) {
    value += event.n;
    pass(place::apply);
  }
  void apply(const was_set& event) {
    value = event.value;
    pass(place::apply);
  }
  void apply(const spoiled& /*event*/) { bad = true; }
  void apply(const planned& /*event*/) {}

  using entity =
      cairn::entity<"rascal", cairn::commands<add, set, ask, pile, spoil, set_later, set_other>,
                    cairn::snapshot_changes<0>>;

private:
  void pass(place here) const {
    if (bad) {
      fuse::pass(here);
    }
  }
};
BOOST_DESCRIBE_STRUCT(rascal, (), (value, bad))
BOOST_DESCRIBE_STRUCT(rascal::pebble, (), (weight))
BOOST_DESCRIBE_STRUCT(rascal::answer, (), (number))
BOOST_DESCRIBE_STRUCT(rascal::set, (), (value))
BOOST_DESCRIBE_STRUCT(rascal::added, (), (n))

} // namespace sample
