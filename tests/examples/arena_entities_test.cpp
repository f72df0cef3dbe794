#include <cairn/testing.hpp>

#include "examples/arena/model/deposit.hpp"
#include "examples/arena/model/listing.hpp"
#include "examples/arena/model/market.hpp"
#include "examples/arena/model/player.hpp"
#include "examples/arena/model/season.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace arena {
namespace {

using cairn::testing::given;

using namespace std::chrono_literals;

constexpr cairn::time_point noon{std::chrono::microseconds(1'780'000'000'000'000)};
constexpr std::int64_t second = 1'000'000;

std::int64_t us(cairn::time_point time) { return time.time_since_epoch().count(); }

const listing::offered offer_of_ann{"ann", 6, 18, 6, us(noon + 1s)};

cairn::message<player, player::carry> load(const char* digger, std::uint64_t number,
                                           std::int64_t ore) {
  return {digger, {"tested", number, ore}}; // the id of the kit's entity
}

TEST(ArenaDeposit, GivesWhatItHasAndNoMore) {
  given<deposit>(deposit::opened{5})
      .when(deposit::dig{"ann", 3})
      .then(deposit::dug{1, "ann", 3}, load("ann", 1, 3))
      .when(deposit::dig{"bob", 3})
      .then_rejected("only 2 ore is left")
      .when(deposit::dig{"bob", 2})
      .then(deposit::dug{2, "bob", 2}, load("bob", 2, 2))
      .when(deposit::dig{"bob", 1})
      .then_rejected("it is worked out")
      .when(deposit::crumble{4})
      .then(deposit::crumbled{4})
      .then_state({4, 2});
}

TEST(ArenaDeposit, TakesBackWhatItsDiggerCouldNotCarry) {
  given<deposit>(deposit::opened{5}, deposit::dug{1, "ann", 3})
      .when(cairn::undelivered{"player/ann", "carry", R"({"deposit":"","number":1,"ore":3})",
                               "the bag is full"})
      .then(deposit::came_back{1, 3})
      .then_state({5, 1})
      .when(cairn::undelivered{"player/ann", "join", R"({"gold":3})", "?"})
      .then_rejected("it sent no such thing");
}

TEST(ArenaDeposit, NothingIsMadeByNegativeAmounts) {
  given<deposit>(deposit::opened{5})
      .when(deposit::dig{"ann", -1})
      .then_rejected()
      .when(deposit::crumble{-1})
      .then_rejected();
}

TEST(ArenaDeposit, WhoDigsAtWhatWasSeenComesTooLateOnce) {
  given<deposit>(deposit::opened{5})
      .when(deposit::dig{"ann", 1}, cairn::at(1))
      .then(deposit::dug{1, "ann", 1}, load("ann", 1, 1))
      .when(deposit::dig{"bob", 1}, cairn::at(1))
      .then_conflict(cairn::conflict_kind::stale);
}

TEST(ArenaPlayer, PaysAndCarriesWhatThereIsOnly) {
  given<player>(player::joined{20}, player::carried{"vein", 1, 50})
      .when(player::carry{"vein", 2, player::bag_max - 50 + 1})
      .then_rejected("the bag is full")
      .when(player::buy{"l", 21, 1})
      .then_rejected("not enough gold")
      .when(player::pack{"l", 51})
      .then_rejected()
      .when(player::build{"vein", 51})
      .then_rejected()
      .when(player::buy{"l", 20, 10})
      .then(player::bought{"l", 20, 10})
      .when(player::pack{"m", 60})
      .then(player::packed{"m", 60})
      .when(player::collect{"m", 30})
      .then(player::collected{"m", 30})
      .then_state({30, 0});
}

TEST(ArenaPlayer, NothingIsMadeByNegativeAmounts) {
  given<player>(player::joined{20}, player::carried{"vein", 1, 5})
      .when(player::pack{"l", -1})
      .then_rejected()
      .when(player::build{"vein", -1})
      .then_rejected();
}

TEST(ArenaPlayer, GoldThatComesInIsNotInTheWayOfTheBag) {
  given<player>(player::joined{20}, player::carried{"vein", 1, 9}, player::collected{"l", 7})
      .when(player::pack{"m", 4}, cairn::at(2))
      .then(player::packed{"m", 4})
      .when(player::pack{"n", 4}, cairn::at(2))
      .then_conflict_over({"ore"});
}

TEST(ArenaListing, IsSoldOnceAtThePriceThatWasSeen) {
  given<listing>(offer_of_ann, cairn::timer<listing::lower>{listing::fall, noon + 1s, {}})
      .when(listing::sell{"bob", 17}, cairn::at(2))
      .then_rejected("the price is 18")
      .when(listing::sell{"bob", 18}, cairn::at(2))
      .then(listing::sold{"bob", 18}, cairn::cancel{listing::fall})
      .when(listing::sell{"cid", 18}, cairn::at(2))
      .then_conflict(cairn::conflict_kind::stale)
      .when(listing::sell{"cid", 18}, cairn::at(3))
      .then_rejected("it is not for sale")
      .when(listing::withdraw{}, cairn::at(3))
      .then_rejected("it is not for sale")
      .when(listing::lower{})
      .then_rejected("its price falls no more")
      .then_state({"ann", 6, 18, 6, 0, "bob", listing_end::sold});
}

TEST(ArenaListing, FallsEverySecondDownToItsFloor) {
  const auto falls = [](cairn::time_point at) {
    return cairn::timer<listing::lower>{listing::fall, at, {}};
  };
  given<listing>()
      .at_time(noon)
      .when(listing::offer{"ann", 6, 14, 3}, cairn::absent)
      .then(listing::offered{"ann", 6, 14, 3, us(noon) + second}, falls(noon + 1s))
      .at_time(noon + 1s)
      .when(listing::lower{})
      .then(listing::lowered{8, us(noon) + 2 * second}, falls(noon + 2s))
      .at_time(noon + 2s)
      .when(listing::lower{})
      .then(listing::lowered{3, 0})
      .when(listing::lower{})
      .then_rejected("its price falls no more");
}

TEST(ArenaListing, OfferedAtItsFloorItDoesNotFall) {
  given<listing>()
      .when(listing::offer{"ann", 6, 6, 6}, cairn::absent)
      .then(listing::offered{"ann", 6, 6, 6, 0});
}

TEST(ArenaListing, IsNotSoldOnceItWasTakenBack) {
  given<listing>(offer_of_ann, listing::withdrawn{})
      .when(listing::sell{"bob", 18}, cairn::at(2))
      .then_rejected("it is not for sale");
  given<listing>().when(listing::sell{"bob", 0}, cairn::at(0)).then_rejected("it is not for sale");
}

TEST(ArenaListing, IsOfferedOnce) {
  given<listing>(offer_of_ann)
      .when(listing::offer{"bob", 1, 1, 1}, cairn::absent)
      .then_conflict(cairn::conflict_kind::exists)
      .when(listing::offer{"bob", 1, 1, 1}, cairn::at(1))
      .then_rejected("it is offered already");
  given<listing>().when(listing::offer{"bob", 0, 1, 1}, cairn::absent).then_rejected();
}

TEST(ArenaMarket, HasSoManyPlaces) {
  auto full = given<market>();
  for (std::size_t i = 0; i < market::places; ++i) {
    full.given(market::hung{std::to_string(i)});
  }
  full.when(market::hang{"one more"})
      .then_rejected("there is no place left")
      .when(market::take_down{"7"})
      .then(market::taken_down{"7"})
      .when(market::take_down{"7"})
      .then_rejected("it does not hang here")
      .when(market::hang{"8"})
      .then_rejected("it hangs here already")
      .when(market::hang{"one more"})
      .then(market::hung{"one more"});
}

TEST(ArenaSeason, IsOpenUntilItsRunEndedItself) {
  auto seen = given<season>(season::was_begun{300, 1});
  EXPECT_TRUE(seen.state().is_open());
  seen.when(season::begin{300, 1}).then(season::was_begun{300, 1});
  EXPECT_TRUE(seen.state().is_open());
  seen.when(season::end{7}).then(season::was_ended{7}).then_state({2, 2});
  EXPECT_FALSE(seen.state().is_open());
}

} // namespace
} // namespace arena
