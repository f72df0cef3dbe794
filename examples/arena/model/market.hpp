#pragma once

#include <cairn/cairn.hpp>

#include <set>
#include <string>

namespace arena {

/// Where listings hang. Everybody trades here at once, and no order matters: it takes no expectations
/// (`refuse_expectation`), its actor's order is protection enough.
struct market {
  std::set<std::string> listings; ///< Ids of those that are open.

  static constexpr std::size_t places = 40;

  struct hang {
    std::string listing;
  };
  struct take_down {
    std::string listing;
  };

  struct hung {
    std::string listing;
  };
  struct taken_down {
    std::string listing;
  };

  cairn::decision<hung> decide(const hang& command) const {
    if (listings.size() >= places) {
      return cairn::reject("there is no place left");
    }
    if (listings.contains(command.listing)) {
      return cairn::reject("it hangs here already");
    }
    return hung{command.listing};
  }
  cairn::decision<taken_down> decide(const take_down& command) const {
    if (!listings.contains(command.listing)) {
      return cairn::reject("it does not hang here");
    }
    return taken_down{command.listing};
  }

  void apply(const hung& event) { listings.insert(event.listing); }
  void apply(const taken_down& event) { listings.erase(event.listing); }

  using entity =
      cairn::entity<"market", cairn::commands<hang, take_down>, cairn::refuse_expectation>;
};

} // namespace arena
