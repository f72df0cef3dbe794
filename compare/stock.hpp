#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::compare {

/// The entity of the presets: numbered parts that are added to or set.
struct stock {
  std::vector<std::int64_t> parts;
  std::string payload;

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
  void apply(const added& event);
  void apply(const value_set& event);

  std::int64_t part(std::uint32_t index) const noexcept {
    return index < parts.size() ? parts[index] : 0;
  }

  using entity = cairn::entity<"stock", commands<named<"add", add>, named<"set", set>>,
                               events<named<"added", added>, named<"value_set", value_set>>>;

private:
  std::int64_t& make_part(std::uint32_t index, std::uint32_t room);
};
BOOST_DESCRIBE_STRUCT(stock, (), (parts, payload))
BOOST_DESCRIBE_STRUCT(stock::add, (), (part, room, note))
BOOST_DESCRIBE_STRUCT(stock::set, (), (part, value, room, note))
BOOST_DESCRIBE_STRUCT(stock::added, (), (part, room, note))
BOOST_DESCRIBE_STRUCT(stock::value_set, (), (part, value, room, note))

} // namespace cairn::compare
