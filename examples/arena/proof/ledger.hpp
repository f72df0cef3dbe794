#pragma once

#include <cairn/cairn.hpp>

#include "model/deposit.hpp"
#include "model/listing.hpp"
#include "model/player.hpp"
#include "model/season.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arena {

/// Books all that the journal's events move, knowing nothing of states: what leaves one place must arrive at another in
/// the same unit, what is dug in one message, and prices fall when they are due.
class ledger {
public:
  struct totals {
    std::uint64_t changes = 0;
    std::uint64_t units = 0;
    std::uint64_t unbalanced = 0;  ///< Units in which gold or ore came from nowhere or went there.
    std::int64_t gold_founded = 0; ///< That players brought along when they joined.
    std::int64_t ore_founded = 0;  ///< That deposits had when they were opened.
    std::uint64_t offered = 0;     ///< Listings.
    std::uint64_t sold = 0;
    std::uint64_t withdrawn = 0;
    std::uint64_t sold_twice = 0; ///< Or sold after they were withdrawn.
    std::uint64_t dug = 0;        ///< Each sends a message.
    std::uint64_t carried = 0;
    std::uint64_t came_back = 0;
    std::uint64_t misdelivered =
        0;                      ///< Messages that had arrived before, or had never been sent so.
    std::uint64_t lost = 0;     ///< Messages that neither arrived nor came back.
    std::uint64_t lowered = 0;  ///< Each by a timer.
    std::uint64_t mistimed = 0; ///< Too early, twice, or to a wrong price.
    std::uint64_t falling = 0;  ///< Listings whose price is still to fall.
    std::uint64_t overdue = 0;  ///< Of these: it should have fallen when the last run settled.
  };

  /// Books the journal's next change.
  /// Errors: `invalid_event` for an event that does not decode.
  cairn::status take(const cairn::change& next);

  /// After the last change: sums up what is left open.
  void close();

  const totals& sums() const noexcept { return totals_; }

  /// The first few things that are wrong.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

private:
  struct offer {
    std::int64_t ore = 0;
    std::int64_t price = 0;
    std::int64_t floor = 0;
    std::int64_t falls_us = 0; ///< 0: not any more.
    bool is_open = true;
  };
  /// What was dug and has not arrived.
  struct load {
    std::string digger;
    std::int64_t ore = 0;
  };
  /// What a unit has moved so far.
  struct balance {
    std::int64_t gold = 0;
    std::int64_t ore = 0;
    std::int64_t asked = 0; ///< By listings that were sold.
    std::int64_t paid = 0;
  };

  template <class State>
  cairn::status book_all(const cairn::change& next);

  void book(const player::joined& event) { totals_.gold_founded += event.gold; }
  void book(const player::carried& event);
  void book(const player::packed& event) { unit_.ore -= event.ore; }
  void book(const player::unpacked& event) { unit_.ore += event.ore; }
  void book(const player::bought& event);
  void book(const player::collected& event) { unit_.gold += event.price; }
  void book(const player::built& event) { unit_.ore -= event.ore; }
  void book(const deposit::opened& event) { totals_.ore_founded += event.ore; }
  void book(const deposit::dug& event);
  void book(const deposit::came_back& event);
  void book(const deposit::crumbled& event) { unit_.ore += event.ore; }
  void book(const listing::offered& event);
  void book(const listing::lowered& event);
  void book(const listing::sold& event);
  void book(const listing::withdrawn& event);
  void book(const season::was_begun& /*event*/) {}
  void book(const season::was_ended& event) { settled_us_ = event.settled_us; }

  /// Takes the ore out of a listing.
  void end_listing();
  /// Takes a load off the way; `digger` empty: whosever it is.
  void arrive(std::string_view deposit, std::uint64_t number, std::int64_t ore,
              std::string_view digger);
  void end_unit(const cairn::change& last);
  void report(std::string problem);

  totals totals_;
  balance unit_;
  std::string_view id_;      ///< Of the change that is being booked: its entity,
  std::int64_t time_us_ = 0; ///< and its time.
  std::int64_t settled_us_ = 0;
  std::unordered_map<std::string, offer> offers_;
  std::map<std::pair<std::string, std::uint64_t>, load> loads_; ///< By deposit and number.
  std::vector<std::string> problems_;
};

/// Books a whole journal.
cairn::status book_journal(const cairn::journal& source, ledger& booked);

} // namespace arena
