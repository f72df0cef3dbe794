#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <string>

/// The entity types that the program `cairn` hosts, to try it with.
namespace cairn::cli {

/// A number that is never negative. Every accepted command records an event, also one that changes
/// nothing.
struct counter {
  std::int64_t value = 0;

  struct add {
    std::int64_t n = 0;
  };
  struct set {
    std::int64_t value = 0;
  };
  struct added {
    std::int64_t n = 0;
  };
  struct value_set {
    std::int64_t value = 0;
  };

  decision<added> decide(const add& command) const;
  decision<value_set> decide(const set& command) const;
  void apply(const added& event) { value += event.n; }
  void apply(const value_set& event) { value = event.value; }

  using entity = cairn::entity<"counter", commands<add, set>>;
};

/// Where somebody lives. Nothing in a command may be empty.
struct address {
  std::string state;
  std::string county;

  struct change_state {
    std::string state;
  };
  struct change_county {
    std::string county;
  };
  struct move {
    std::string state;
    std::string county;
  };
  struct state_changed {
    std::string state;
  };
  struct county_changed {
    std::string county;
  };
  struct moved {
    std::string state;
    std::string county;
  };

  decision<state_changed> decide(const change_state& command) const;
  decision<county_changed> decide(const change_county& command) const;
  decision<moved> decide(const move& command) const;
  void apply(const state_changed& event) { state = event.state; }
  void apply(const county_changed& event) { county = event.county; }
  void apply(const moved& event);

  using entity = cairn::entity<
      "address", commands<change_state, change_county, move>,
      aspect<&address::state, commands<change_state, move>, events<state_changed, moved>>,
      aspect<&address::county, commands<change_county, move>, events<county_changed, moved>>>;
};

} // namespace cairn::cli
