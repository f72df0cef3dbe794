#include "ledger.hpp"

#include <algorithm>
#include <utility>

namespace arena {

namespace {

constexpr std::size_t problems_max = 20;

} // namespace

cairn::status ledger::take(const cairn::change& next) {
  id_ = cairn::id_of(next.entity);
  time_us_ = next.time_us;
  const auto type = cairn::type_of(next.entity);
  cairn::status booked;
  if (type == player::entity::name) {
    booked = book_all<player>(next);
  } else if (type == deposit::entity::name) {
    booked = book_all<deposit>(next);
  } else if (type == listing::entity::name) {
    booked = book_all<listing>(next);
  } else if (type == season::entity::name) {
    booked = book_all<season>(next);
  }
  ++totals_.changes;
  if (next.unit_index + 1 == next.unit_size) {
    end_unit(next);
  }
  return booked;
}

template <class State>
cairn::status ledger::book_all(const cairn::change& next) {
  cairn::status booked;
  for (const auto& happened : next.events) {
    cairn::entity_events<State>::for_each([&]<class Named>(Named /*event*/) {
      if (happened.name != Named::name) {
        return;
      }
      boost::json::value value;
      cairn::json::problem wrong;
      typename Named::type event{};
      if (cairn::json::parse(happened.data, value, wrong) &&
          cairn::json::decode(value, event, wrong)) {
        book(event);
      } else {
        booked = {cairn::entity_errc::invalid_event,
                  "position " + std::to_string(next.position) + ": " + wrong.text()};
      }
    });
  }
  return booked;
}

void ledger::book(const player::carried& event) {
  ++totals_.carried;
  arrive(event.deposit, event.number, event.ore, id_);
}

void ledger::book(const player::bought& event) {
  unit_.gold -= event.price;
  unit_.paid += event.price;
  unit_.ore += event.ore;
}

void ledger::book(const deposit::dug& event) {
  ++totals_.dug;
  loads_[{std::string(id_), event.number}] = {event.digger, event.ore};
}

void ledger::book(const deposit::came_back& event) {
  ++totals_.came_back;
  arrive(id_, event.number, event.ore, {});
}

void ledger::book(const listing::offered& event) {
  ++totals_.offered;
  unit_.ore += event.ore;
  offers_[std::string(id_)] = {event.ore, event.price, event.floor, event.falls_us, true};
}

void ledger::book(const listing::lowered& event) {
  ++totals_.lowered;
  auto& falling = offers_[std::string(id_)];
  const bool is_due = falling.is_open && falling.falls_us != 0 && time_us_ >= falling.falls_us;
  if (!is_due || event.price != std::max(falling.price - falling.ore, falling.floor)) {
    ++totals_.mistimed;
    report("the price of listing/" + std::string(id_) + " fell to " + std::to_string(event.price) +
           " out of turn");
  }
  falling.price = event.price;
  falling.falls_us = event.falls_us;
}

void ledger::book(const listing::sold& /*event*/) {
  ++totals_.sold;
  unit_.asked += offers_[std::string(id_)].price;
  end_listing();
}

void ledger::book(const listing::withdrawn& /*event*/) {
  ++totals_.withdrawn;
  end_listing();
}

void ledger::end_listing() {
  auto& ended = offers_[std::string(id_)];
  if (!ended.is_open) {
    ++totals_.sold_twice;
    report("listing/" + std::string(id_) + " ended twice");
  }
  ended.is_open = false;
  unit_.ore -= ended.ore;
}

void ledger::arrive(std::string_view deposit, std::uint64_t number, std::int64_t ore,
                    std::string_view digger) {
  const auto sent = loads_.find({std::string(deposit), number});
  if (sent != loads_.end() && sent->second.ore == ore &&
      (digger.empty() || sent->second.digger == digger)) {
    loads_.erase(sent);
    return;
  }
  ++totals_.misdelivered;
  report("dig " + std::to_string(number) + " of deposit/" + std::string(deposit) +
         " arrived twice, or otherwise than it was sent");
}

void ledger::close() {
  totals_.lost = loads_.size();
  for (const auto& [sent, unused] : loads_) {
    report("dig " + std::to_string(sent.second) + " of deposit/" + sent.first + " never arrived");
  }
  for (const auto& [id, left] : offers_) {
    if (!left.is_open || left.falls_us == 0) {
      continue;
    }
    ++totals_.falling;
    if (left.falls_us <= settled_us_) {
      ++totals_.overdue;
      report("the price of listing/" + id + " should have fallen");
    }
  }
}

void ledger::end_unit(const cairn::change& last) {
  ++totals_.units;
  const auto moved = std::exchange(unit_, {});
  if (moved.gold != 0 || moved.ore != 0 || moved.asked != moved.paid) {
    ++totals_.unbalanced;
    report("the unit at position " + std::to_string(last.unit_first()) + " makes " +
           std::to_string(moved.gold) + " gold and " + std::to_string(moved.ore) + " ore; asked " +
           std::to_string(moved.asked) + ", paid " + std::to_string(moved.paid));
  }
}

void ledger::report(std::string problem) {
  if (problems_.size() < problems_max) {
    problems_.push_back(std::move(problem));
  }
}

cairn::status book_journal(const cairn::journal& source, ledger& booked) {
  cairn::status wrong;
  const auto read = source.scan(0, [&](const cairn::record& stored) {
    cairn::change decoded;
    wrong = cairn::decode_change(stored, decoded);
    if (wrong.ok()) {
      wrong = booked.take(decoded);
    }
    return wrong.ok();
  });
  booked.close();
  return read.ok() ? wrong : read;
}

} // namespace arena
