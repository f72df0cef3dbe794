#include "compare/stock.hpp"

#include <cairn/compare.hpp>

#include "compare/stock_fields.hpp"

#include <array>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <variant>

namespace cairn::compare {

namespace {

template <class State>
using stock_subject = typed_subject<State, typename State::add, typename State::set>;

template <class State>
stock_subject<State> make_stock_subject() {
  return stock_subject<State>(
      [](const intent& wanted) {
        return typename State::add{wanted.part, wanted.state_bytes,
                                   std::string(wanted.event_bytes, '.')};
      },
      [](const intent& wanted, const State& seen) {
        return typename State::set{wanted.part, seen.part(wanted.part) + 1, wanted.state_bytes,
                                   std::string(wanted.event_bytes, '.')};
      },
      [](const State& state) { return state.tally(); });
}

template <class Parts>
struct field_writes;
template <std::size_t... N>
struct field_writes<std::index_sequence<N...>> {
  using any = std::variant<stock_fields::write<N>...>;

  static any make(const intent& wanted, const stock_fields& seen) {
    any made;
    (void)((wanted.part == N ? (made = stock_fields::write<N>{seen.*stock_fields::parts()[N] + 1,
                                                              wanted.state_bytes,
                                                              std::string(wanted.event_bytes, '.')},
                                true)
                             : false) ||
           ...);
    return made;
  }
};
using field_write = field_writes<std::make_index_sequence<parts_max>>;

/// Only for commands that are decided on what was seen: that is what aspects are for.
const subject& fields_subject() {
  static const typed_subject<stock_fields, stock_fields::write<0>, field_write::any> only(
      [](const intent& /*wanted*/) { return stock_fields::write<0>{}; }, &field_write::make,
      [](const stock_fields& state) { return state.tally(); });
  return only;
}

const subject& merging_subject() {
  static const auto only = make_stock_subject<merging_stock>();
  return only;
}

/// The plain entity, and for what needs more declarations one with these.
class built_in final : public stock_subject<stock> {
public:
  built_in() : stock_subject<stock>(make_stock_subject<stock>()) {}

  const subject& for_check(check against) const override {
    switch (against) {
      case check::aspect:
        return fields_subject();
      case check::merged:
        return merging_subject();
      default:
        return *this;
    }
  }
};

} // namespace

decision<stock_parts::added> stock_parts::decide(const add& command) const {
  if (command.part >= parts_max) return reject("there is no such part");
  return added{command.part, command.room, command.note};
}

decision<stock_parts::value_set> stock_parts::decide(const set& command) const {
  if (command.part >= parts_max) return reject("there is no such part");
  return value_set{command.part, command.value, command.room, command.note};
}

std::int64_t& stock_parts::make_part(std::uint32_t index, std::uint32_t room) {
  if (index >= parts.size()) parts.resize(index + 1U);
  if (payload.size() < room) payload.resize(room, '.');
  return parts[index];
}

std::int64_t stock_parts::tally() const {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
}

const subject& built_in_subject() {
  static const built_in only;
  return only;
}

} // namespace cairn::compare
