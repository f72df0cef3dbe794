#pragma once

#include <cairn/entity.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>

namespace cairn::compare {

/// The most parts that a preset's entity has: as many members, each an aspect.
inline constexpr std::uint32_t parts_max = 8;

/// The entity of the presets, its parts as members, each of which has a command and an event of its own.
struct stock_fields {
  std::int64_t part_0 = 0, part_1 = 0, part_2 = 0, part_3 = 0;
  std::int64_t part_4 = 0, part_5 = 0, part_6 = 0, part_7 = 0;
  std::string payload;

  template <std::size_t N>
  struct write {
    std::int64_t value = 0;
    std::uint32_t room = 0;
    std::string note;
  };
  template <std::size_t N>
  struct written {
    std::int64_t value = 0;
    std::uint32_t room = 0;
    std::string note;
  };

  static constexpr std::array<std::int64_t stock_fields::*, parts_max> parts() {
    return {&stock_fields::part_0, &stock_fields::part_1, &stock_fields::part_2,
            &stock_fields::part_3, &stock_fields::part_4, &stock_fields::part_5,
            &stock_fields::part_6, &stock_fields::part_7};
  }

  template <std::size_t N>
  decision<written<N>> decide(const write<N>& command) const {
    return written<N>{command.value, command.room, command.note};
  }
  template <std::size_t N>
  void apply(const written<N>& event) {
    this->*parts()[N] = event.value;
    if (payload.size() < event.room) payload.resize(event.room, '.');
  }

  std::int64_t tally() const {
    const auto all = parts();
    return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                           [this](std::int64_t sum, auto part) { return sum + this->*part; });
  }

  using entity = cairn::entity<
      "stock_fields",
      commands<named<"write_0", write<0>>, named<"write_1", write<1>>, named<"write_2", write<2>>,
               named<"write_3", write<3>>, named<"write_4", write<4>>, named<"write_5", write<5>>,
               named<"write_6", write<6>>, named<"write_7", write<7>>>,
      events<named<"written_0", written<0>>, named<"written_1", written<1>>,
             named<"written_2", written<2>>, named<"written_3", written<3>>,
             named<"written_4", written<4>>, named<"written_5", written<5>>,
             named<"written_6", written<6>>, named<"written_7", written<7>>>,
      aspect<&stock_fields::part_0, commands<write<0>>, events<written<0>>>,
      aspect<&stock_fields::part_1, commands<write<1>>, events<written<1>>>,
      aspect<&stock_fields::part_2, commands<write<2>>, events<written<2>>>,
      aspect<&stock_fields::part_3, commands<write<3>>, events<written<3>>>,
      aspect<&stock_fields::part_4, commands<write<4>>, events<written<4>>>,
      aspect<&stock_fields::part_5, commands<write<5>>, events<written<5>>>,
      aspect<&stock_fields::part_6, commands<write<6>>, events<written<6>>>,
      aspect<&stock_fields::part_7, commands<write<7>>, events<written<7>>>>;
};

} // namespace cairn::compare
