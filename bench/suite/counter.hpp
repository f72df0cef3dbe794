#pragma once

#include <cairn/entity.hpp>

#include <cstdint>

namespace cairn::bench {

/// The entity that is measured: as small as can be, so that what is measured is Cairn.
struct counter {
  std::int64_t value = 0;

  struct add {
    std::int64_t n = 0;
  };
  struct added {
    std::int64_t n = 0;
  };

  decision<added> decide(const add& command) const { return added{command.n}; }
  void apply(const added& event) { value += event.n; }

  using entity = cairn::entity<"counter", commands<add>>;
};

/// The same, and adding commutes with adding.
struct tally : counter {
  using entity = cairn::entity<"tally", commands<add>, commutes<add, add>, merge_window<16>>;
};

// A class with a base is described, and its base with it.
BOOST_DESCRIBE_STRUCT(counter, (), (value))
BOOST_DESCRIBE_STRUCT(tally, (counter), ())

} // namespace cairn::bench
