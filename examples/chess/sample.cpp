#include "sample.hpp"

#include <cairn/entity.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace chess {

namespace {

constexpr std::uint64_t seed = 1851; // the year of the first tournament; any would do
constexpr std::uint64_t players = 300;
constexpr std::uint64_t plies_max = 90;
constexpr std::uint64_t percent = 100;

using opening_moves = std::array<std::string_view, 10>;

/// After each of them both have castled short and e2, e7, e1 and e8 are free, so that the pieces
/// below can go to and fro without meeting anybody.
constexpr std::array<opening_moves, 4> openings{{
    {"e4", "e5", "Nf3", "Nc6", "Bc4", "Bc5", "O-O", "Nf6", "d3", "O-O"},
    {"e4", "e5", "Nf3", "Nc6", "Bb5", "Nf6", "O-O", "Bc5", "d3", "O-O"},
    {"e4", "e5", "Bc4", "Nf6", "d3", "Bc5", "Nf3", "Nc6", "O-O", "O-O"},
    {"e4", "e5", "Nc3", "Nf6", "Nf3", "Nc6", "Bb5", "Bb4", "O-O", "O-O"},
}};

/// A piece's two squares: where it goes, and where it comes back to.
struct shuffle {
  std::string_view away;
  std::string_view back;
};
constexpr std::array<shuffle, 3> white_pieces{{{"Kh1", "Kg1"}, {"Re1", "Rf1"}, {"Qe2", "Qd1"}}};
constexpr std::array<shuffle, 3> black_pieces{{{"Kh8", "Kg8"}, {"Re8", "Rf8"}, {"Qe7", "Qd8"}}};

std::vector<std::string_view> make_moves(cairn::random_source& random) {
  const auto& opening = openings[random.below(openings.size())];
  const auto plies = random.below(plies_max + 1);
  std::array<bool, 2 * white_pieces.size()> is_away{};
  std::vector<std::string_view> moves;
  while (moves.size() < plies) {
    if (moves.size() < opening.size()) {
      moves.push_back(opening[moves.size()]);
      continue;
    }
    const bool is_white = moves.size() % 2 == 0;
    const auto piece = random.below(white_pieces.size());
    const auto& squares = (is_white ? white_pieces : black_pieces)[piece];
    bool& away = is_away[is_white ? piece : white_pieces.size() + piece];
    moves.push_back(away ? squares.back : squares.away);
    away = !away;
  }
  return moves;
}

std::string_view make_result(cairn::random_source& random) {
  const auto luck = random.below(percent);
  return luck < 48 ? "1-0" : luck < 92 ? "0-1" : luck < 99 ? "1/2-1/2" : "*";
}

std::string make_name(cairn::random_source& random) {
  return "player" + std::to_string(random.below(players) + 1);
}

/// What real files have between the moves, and a reader must pass over.
std::string_view make_remark(cairn::random_source& random) {
  constexpr std::array<std::string_view, 5> remarks{"{ [%clk 0:00:59] } ", "$1 ", "{to and fro} ",
                                                    "(1. d4 d5 {the other way} (1... Nf6)) ",
                                                    "; so be it\n"};
  return random.below(percent) < 3 ? remarks[random.below(remarks.size())] : "";
}

void write_moves(std::ostream& out, const std::vector<std::string_view>& moves,
                 cairn::random_source& random) {
  constexpr std::size_t moves_per_line = 10;
  bool needs_number = true;
  for (std::size_t ply = 0; ply < moves.size(); ++ply) {
    if (ply % 2 == 0 || needs_number) {
      out << ply / 2 + 1 << (ply % 2 == 0 ? ". " : "... ");
    }
    const auto remark = make_remark(random);
    needs_number = !remark.empty();
    out << moves[ply] << (ply % (2 * moves_per_line) == 2 * moves_per_line - 1 ? "\n" : " ")
        << remark;
  }
}

} // namespace

void write_sample(std::ostream& out, std::uint64_t games) {
  cairn::random_source random(seed);
  for (std::uint64_t number = 1; number <= games; ++number) {
    std::string white = random.below(percent) < 96 ? "regular" : make_name(random);
    std::string black = make_name(random);
    if (random.below(2) == 0) {
      white.swap(black);
    }
    const auto result = make_result(random);
    out << "[Event \"Made up\"]\n[Site \"https://sample.invalid/s" << number << "\"]\n[White \""
        << white << "\"]\n[Black \"" << black << "\"]\n[Result \"" << result << "\"]\n\n";
    write_moves(out, make_moves(random), random);
    out << result << "\n\n";
  }
}

} // namespace chess
