#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::compare {

/// What the entities of the presets do, on a vector of parts.
struct stock_parts {
  std::vector<std::int64_t> parts;
  std::string payload;

  std::int64_t part(std::uint32_t index) const noexcept {
    return index < parts.size() ? parts[index] : 0;
  }
  std::int64_t& make_part(std::uint32_t index, std::uint32_t room);
  std::int64_t tally() const;

  /// Adds one to a part, on any state.
  struct add {
    std::uint32_t part = 0;
    std::uint32_t room = 0; ///< Bytes of payload that the state has from now on.
    std::string note;       ///< Payload of the event.
  };
  /// Sets a part to what its sender worked out.
  struct set {
    std::uint32_t part = 0;
    std::int64_t value = 0;
    std::uint32_t room = 0;
    std::string note;
  };
  struct added {
    std::uint32_t part = 0;
    std::uint32_t room = 0;
    std::string note;
  };
  struct value_set {
    std::uint32_t part = 0;
    std::int64_t value = 0;
    std::uint32_t room = 0;
    std::string note;
  };

  decision<added> decide(const add& command) const;
  decision<value_set> decide(const set& command) const;
  void apply(const added& event) { ++make_part(event.part, event.room); }
  void apply(const value_set& event) { make_part(event.part, event.room) = event.value; }
};

/// The entity of the presets.
struct stock : stock_parts {
  using entity = cairn::entity<"stock", commands<add, set>>;
};

/// The same with additions that commute. A type of its own, since its entities keep their last changes for that.
struct merging_stock : stock_parts {
  using entity = cairn::entity<"merging_stock", commands<add, set>, commutes<add, add>>;
};

// A class with a base is described, and its base with it.
BOOST_DESCRIBE_STRUCT(stock_parts, (), (parts, payload))
BOOST_DESCRIBE_STRUCT(stock, (stock_parts), ())
BOOST_DESCRIBE_STRUCT(merging_stock, (stock_parts), ())

} // namespace cairn::compare
