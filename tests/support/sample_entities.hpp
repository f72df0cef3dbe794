#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// Entity types that the tests share.
namespace sample {

/// Adds and sets; refuses to go below zero.
struct counter {
  std::int64_t value = 0;

  struct add {
    std::int64_t n = 0;
  };
  struct set {
    std::int64_t value = 0;
  };
  struct look {}; ///< Records nothing.
  struct crash {
    std::string where; ///< `decide` or `apply`
  };
  struct added {
    std::int64_t n = 0;
  };
  struct value_set {
    std::int64_t value = 0;
  };
  struct crashed {};

  cairn::decision<added> decide(const add& command) const {
    if (value + command.n < 0) {
      return cairn::reject("below zero");
    }
    return added{command.n};
  }
  cairn::decision<value_set> decide(const set& command) const { return value_set{command.value}; }
  cairn::decision<> decide(const look& /*command*/) const { return {}; }
  cairn::decision<crashed> decide(const crash& command) const {
    if (command.where == "decide") {
      throw std::runtime_error("decide broke");
    }
    return crashed{};
  }
  void apply(const added& event) { value += event.n; }
  void apply(const value_set& event) { value = event.value; }
  void apply(const crashed& /*event*/) {
    value = -1;
    throw std::runtime_error("apply broke");
  }

  using entity = cairn::entity<"counter", cairn::commands<add, set, look, crash>,
                               cairn::ids_remembered<64>, cairn::snapshot_changes<10>>;
};

/// Chance, time, a typed reply, several events in one change, and a veto on removal.
struct dice {
  std::vector<int> rolls;
  std::int64_t last_us = 0;
  double share = 0;

  struct roll {
    int times = 1;
  };
  struct aim {
    double share = 0;
  };
  struct rolled {
    int pips = 0;
    std::int64_t at_us = 0;
  };
  struct aimed {
    double share = 0;
  };

  cairn::decision<cairn::replies<int>, rolled> decide(const roll& command,
                                                      const cairn::context& ctx) const {
    if (command.times < 1) {
      return cairn::reject("roll at least once");
    }
    int sum = 0;
    std::vector<rolled> events;
    for (int i = 0; i < command.times; ++i) {
      events.push_back(
          {static_cast<int>(ctx.random().below(6)) + 1, ctx.now().time_since_epoch().count()});
      sum += events.back().pips;
    }
    cairn::decision<cairn::replies<int>, rolled> decided{cairn::reply{sum}};
    for (const auto& event : events) {
      decided.add(event);
    }
    return decided;
  }
  cairn::decision<aimed> decide(const aim& command) const { return aimed{command.share}; }
  cairn::decision<> decide(const cairn::remove& /*command*/) const {
    if (!rolls.empty()) {
      return cairn::reject("has been rolled");
    }
    return {};
  }
  void apply(const rolled& event) {
    rolls.push_back(event.pips);
    last_us = event.at_us;
  }
  void apply(const aimed& event) { share = event.share; }

  using entity = cairn::entity<"dice", cairn::commands<roll, aim>, cairn::record_commands>;
};

/// Every update must say what it saw.
struct form {
  std::string text;

  struct write {
    std::string text;
  };
  struct written {
    std::string text;
  };
  cairn::decision<written> decide(const write& command) const { return written{command.text}; }
  void apply(const written& event) { text = event.text; }

  using entity = cairn::entity<"form", cairn::commands<write>, cairn::require_expectation>;
};

/// No update may say what it saw.
struct tally {
  std::int64_t sum = 0;

  struct count {
    std::int64_t n = 0;
  };
  struct counted {
    std::int64_t n = 0;
  };
  cairn::decision<counted> decide(const count& command) const { return counted{command.n}; }
  void apply(const counted& event) { sum += event.n; }

  using entity = cairn::entity<"tally", cairn::commands<count>, cairn::refuse_expectation>;
};

} // namespace sample
