#include "board.hpp"

#include <algorithm>
#include <utility>

namespace chess {

namespace {

result result_of(const pgn::game& record) {
  if (record.result == "1-0") {
    return result::white_won;
  }
  if (record.result == "0-1") {
    return result::black_won;
  }
  return record.result == "*" ? result::unfinished : result::drawn;
}

score score_of(result ended, result won) {
  switch (ended) {
    case result::drawn:
      return score::drawn;
    case result::unfinished:
      return score::unfinished;
    default:
      return ended == won ? score::won : score::lost;
  }
}

/// FNV-1a: the same in every run and on every machine, unlike `std::hash`.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return hash;
}

} // namespace

/// The reply to the opponent's move has shown `ply`: whoever moved meanwhile, the expectation finds
/// out. An impatient player's thumb sends the same move twice at once, and one of them comes too
/// late.
void client::observe(cairn::version_type ply) {
  if (board_.hall_.stop) {
    return board_.finish(board::end::left);
  }
  if (ply == board_.record_.moves.size()) {
    return board_.count();
  }
  const auto keep = board_.shared_from_this();
  board_.game_.post(board_.move_at(ply), cairn::at(ply),
                    [this, keep](const reply& given) { moved(given); });
  if (board_.is_doubled(ply)) {
    ++board_.hall_.doubled;
    board_.game_.post(board_.move_at(ply), cairn::at(ply), [keep](const reply& given) {
      keep->hall_.accepted += given.accepted() != nullptr ? 1 : 0;
      keep->hall_.conflicts += given.conflict() != nullptr ? 1 : 0;
    });
  }
}

void client::moved(const reply& given) {
  given.match(
      [&](const cairn::accepted<>& done) {
        ++board_.hall_.accepted;
        opponent_.observe(done.version);
      },
      [&](const cairn::conflict& met) {
        ++board_.hall_.conflicts;
        board_.finish(board::end::bad, "somebody else has moved: the game is at ply " +
                                           std::to_string(met.actual) + ", not " +
                                           std::to_string(met.expected.version()));
      },
      [&](const cairn::rejected& no) { board_.finish(board::end::bad, no.reason); },
      [&](const cairn::failed& failure) { board_.give_up(failure); });
}

board::board(hall& shared, std::string id, pgn::game record, on_end done)
    : hall_(shared),
      id_(std::move(id)),
      record_(std::move(record)),
      result_(result_of(record_)),
      done_(std::move(done)),
      game_(shared.world.entity<game>(id_)) {}

void board::play() {
  game_.post_read([this, keep = shared_from_this()](const cairn::reading<game>& seen) {
    if (!seen) {
      return give_up(*seen.failure);
    }
    if (const auto other = difference(seen.state); !other.empty()) {
      return finish(end::bad, "the data directory has another game under this name: " + other);
    }
    hall_.found += seen.version;
    (seen.version % 2 == 0 ? white_ : black_).observe(seen.version);
  });
}

std::string board::difference(const game& found) const {
  if (found.moves.empty()) {
    return {};
  }
  if (found.white != record_.tag("White") || found.black != record_.tag("Black")) {
    return found.white + " against " + found.black;
  }
  const auto [theirs, ours] = std::mismatch(found.moves.begin(), found.moves.end(),
                                            record_.moves.begin(), record_.moves.end());
  if (theirs != found.moves.end()) {
    return "ply " + std::to_string(theirs - found.moves.begin() + 1) + " is " + *theirs;
  }
  const bool is_whole = ours == record_.moves.end();
  return found.result == (is_whole ? std::optional(result_) : std::nullopt) ? ""
                                                                            : "it ends otherwise";
}

game::move board::move_at(cairn::version_type ply) const {
  game::move next{record_.moves[ply], {}, {}};
  if (ply == 0) {
    next.start =
        game::started{std::string(record_.tag("White")), std::string(record_.tag("Black"))};
  }
  if (ply + 1 == record_.moves.size()) {
    next.end = result_;
  }
  return next;
}

/// Depends on game and ply alone, so that a run that goes on doubles what the first would have
/// doubled.
bool board::is_doubled(cairn::version_type ply) const {
  constexpr std::uint64_t parts = 1'000'000;
  return static_cast<double>(cairn::random_source(stable_hash(id_) + ply).below(parts)) <
         hall_.impatient * parts;
}

/// A crash may have come before, between or after the two; so a game that was over when it was
/// found is counted again, and the command ids see to it that only what is missing is done.
void board::count() {
  count_for(record_.tag("White"), "white", score_of(result_, result::white_won));
  count_for(record_.tag("Black"), "black", score_of(result_, result::black_won));
}

void board::count_for(std::string_view name, std::string_view colour, score scored) {
  using reply = cairn::entity_ref<player>::unchecked<player::count_game>;
  const auto counted = [this, keep = shared_from_this()](const reply& given) {
    given.match(
        [&](const cairn::accepted<>&) {
          if (--uncounted_ == 0) {
            finish(end::counted);
          }
        },
        [&](const cairn::unavailable& gone) { finish(end::bad, gone.entity + " was removed"); },
        [&](const cairn::rejected& no) { finish(end::bad, no.reason); },
        [&](const cairn::failed& failure) { give_up(failure); });
  };
  hall_.world.entity<player>(name).post(player::count_game{id_, scored}, counted,
                                        {id_ + ":" + std::string(colour), {}});
}

void board::give_up(const cairn::failed& failure) {
  const bool is_ours = failure.error == cairn::entity_errc::invalid_entity ||
                       failure.error == cairn::entity_errc::entity_error ||
                       failure.error == cairn::entity_errc::command_id_reused;
  finish(is_ours ? end::bad : end::broken, failure.message);
}

void board::finish(end how, const std::string& why) {
  if (!finished_.exchange(true)) {
    done_(how, result_, why.empty() ? why : game_.key() + ": " + why);
  }
}

std::string game_id(const pgn::game& record, std::uint64_t number) {
  const auto site = record.tag("Site");
  const auto slash = site.rfind('/');
  const bool is_address = site.starts_with("https://") || site.starts_with("http://");
  if (is_address && slash != std::string_view::npos && slash + 1 < site.size()) {
    return std::string(site.substr(slash + 1));
  }
  return std::to_string(number);
}

} // namespace chess
