#pragma once

#include <cairn/cairn.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace arena {

BOOST_DEFINE_ENUM_CLASS(listing_end, sold, withdrawn)

/// Ore for sale, once, and cheaper every second until somebody buys it. Who buys it must have seen the price
/// (`require_expectation`): whoever is second, or saw an older price, conflicts and pays nothing.
struct listing {
  std::string seller;
  std::int64_t ore = 0;
  std::int64_t price = 0;
  std::int64_t floor = 0;    ///< The price falls no lower.
  std::int64_t falls_us = 0; ///< When it falls next, since the Unix epoch; 0: it does not.
  std::string buyer;
  std::optional<listing_end> ended;

  static constexpr std::chrono::seconds falls_every{1};
  static constexpr const char* fall = "fall"; ///< The timer.

  struct offer {
    std::string seller;
    std::int64_t ore = 0;
    std::int64_t price = 0;
    std::int64_t floor = 0;
  };
  struct sell {
    std::string buyer;
    std::int64_t price = 0;
  };
  struct withdraw {};
  struct lower {};

  struct offered {
    std::string seller;
    std::int64_t ore = 0;
    std::int64_t price = 0;
    std::int64_t floor = 0;
    std::int64_t falls_us = 0;
  };
  struct lowered {
    std::int64_t price = 0;
    std::int64_t falls_us = 0;
  };
  struct sold {
    std::string buyer;
    std::int64_t price = 0;
  };
  struct withdrawn {};

  cairn::decision<offered, cairn::timer<lower>> decide(const offer& command,
                                                       const cairn::context& ctx) const {
    if (!seller.empty()) {
      return cairn::reject("it is offered already");
    }
    if (command.ore <= 0 || command.floor < 0 || command.price < command.floor) {
      return cairn::reject("that is no offer");
    }
    if (command.price == command.floor) {
      return offered{command.seller, command.ore, command.price, command.floor, 0};
    }
    const auto falls = ctx.now() + falls_every;
    return {offered{command.seller, command.ore, command.price, command.floor, us_of(falls)},
            cairn::timer<lower>{fall, falls, {}}};
  }
  /// One gold for each ore, as far as the floor lets it.
  cairn::decision<lowered, cairn::timer<lower>> decide(const lower& /*due*/,
                                                       const cairn::context& ctx) const {
    if (!is_open() || price == floor) {
      return cairn::reject("its price falls no more");
    }
    const std::int64_t cheaper = std::max(price - ore, floor);
    if (cheaper == floor) {
      return lowered{cheaper, 0};
    }
    const auto falls = ctx.now() + falls_every;
    return {lowered{cheaper, us_of(falls)}, cairn::timer<lower>{fall, falls, {}}};
  }
  cairn::decision<sold, cairn::cancel> decide(const sell& command) const {
    if (!is_open()) {
      return cairn::reject("it is not for sale");
    }
    if (command.price != price) {
      return cairn::reject("the price is " + std::to_string(price));
    }
    return {sold{command.buyer, command.price}, cairn::cancel{fall}};
  }
  cairn::decision<withdrawn, cairn::cancel> decide(const withdraw& /*command*/) const {
    if (!is_open()) {
      return cairn::reject("it is not for sale");
    }
    return {withdrawn{}, cairn::cancel{fall}};
  }

  void apply(const offered& event) {
    seller = event.seller;
    ore = event.ore;
    price = event.price;
    floor = event.floor;
    falls_us = event.falls_us;
  }
  void apply(const lowered& event) {
    price = event.price;
    falls_us = event.falls_us;
  }
  void apply(const sold& event) {
    buyer = event.buyer;
    end(listing_end::sold);
  }
  void apply(const withdrawn& /*event*/) { end(listing_end::withdrawn); }

  bool is_open() const noexcept { return !seller.empty() && !ended; }

  static std::int64_t us_of(cairn::time_point time) { return time.time_since_epoch().count(); }

  void end(listing_end how) {
    ended = how;
    falls_us = 0;
  }

  using entity = cairn::entity<"listing", cairn::commands<offer, sell, withdraw, lower>,
                               cairn::require_expectation>;
};

} // namespace arena
