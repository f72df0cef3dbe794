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

  using entity = cairn::entity<"counter", commands<named<"add", add>, named<"set", set>>,
                               events<named<"added", added>, named<"value_set", value_set>>>;
};
BOOST_DESCRIBE_STRUCT(counter, (), (value))
BOOST_DESCRIBE_STRUCT(counter::add, (), (n))
BOOST_DESCRIBE_STRUCT(counter::set, (), (value))
BOOST_DESCRIBE_STRUCT(counter::added, (), (n))
BOOST_DESCRIBE_STRUCT(counter::value_set, (), (value))

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
      "address",
      commands<named<"change_state", change_state>, named<"change_county", change_county>,
               named<"move", move>>,
      events<named<"state_changed", state_changed>, named<"county_changed", county_changed>,
             named<"moved", moved>>,
      depends_on<change_state, &address::state>, depends_on<change_county, &address::county>,
      depends_on<move, &address::state, &address::county>, touches<state_changed, &address::state>,
      touches<county_changed, &address::county>, touches<moved, &address::state, &address::county>>;
};
BOOST_DESCRIBE_STRUCT(address, (), (state, county))
BOOST_DESCRIBE_STRUCT(address::change_state, (), (state))
BOOST_DESCRIBE_STRUCT(address::change_county, (), (county))
BOOST_DESCRIBE_STRUCT(address::move, (), (state, county))
BOOST_DESCRIBE_STRUCT(address::state_changed, (), (state))
BOOST_DESCRIBE_STRUCT(address::county_changed, (), (county))
BOOST_DESCRIBE_STRUCT(address::moved, (), (state, county))

} // namespace cairn::cli
