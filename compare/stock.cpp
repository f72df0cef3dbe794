#include "compare/stock.hpp"

#include <cairn/compare.hpp>

#include <numeric>
#include <utility>

namespace cairn::compare {

namespace {

constexpr std::uint32_t parts_max = 1'024;

} // namespace

decision<stock::added> stock::decide(const add& command) const {
  if (command.part >= parts_max) return reject("there is no such part");
  return added{command.part, command.room, command.note};
}

decision<stock::value_set> stock::decide(const set& command) const {
  if (command.part >= parts_max) return reject("there is no such part");
  return value_set{command.part, command.value, command.room, command.note};
}

std::int64_t& stock::make_part(std::uint32_t index, std::uint32_t room) {
  if (index >= parts.size()) parts.resize(index + 1U);
  if (payload.size() < room) payload.resize(room, '.');
  return parts[index];
}

void stock::apply(const added& event) { ++make_part(event.part, event.room); }

void stock::apply(const value_set& event) { make_part(event.part, event.room) = event.value; }

const subject& built_in_subject() {
  static const typed_subject<stock, stock::add, stock::set> only(
      [](const intent& wanted) {
        return stock::add{wanted.part, wanted.state_bytes, std::string(wanted.event_bytes, '.')};
      },
      [](const intent& wanted, const stock& seen) {
        return stock::set{wanted.part, seen.part(wanted.part) + 1, wanted.state_bytes,
                          std::string(wanted.event_bytes, '.')};
      },
      [](const stock& state) {
        return std::accumulate(state.parts.begin(), state.parts.end(), std::int64_t{0});
      });
  return only;
}

} // namespace cairn::compare
