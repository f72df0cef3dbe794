// Compares the ways of protecting an entity on one of our own: how many seats of a hall are sold.

#include <cairn/compare.hpp>

struct hall {
  std::int64_t sold = 0;

  struct sell {
    std::int64_t seats = 0;
  };
  struct correct {
    std::int64_t sold = 0;
  };
  struct seats_sold {
    std::int64_t seats = 0;
  };
  struct corrected {
    std::int64_t sold = 0;
  };

  cairn::decision<seats_sold> decide(const sell& command) const {
    return seats_sold{command.seats};
  }
  cairn::decision<corrected> decide(const correct& command) const {
    return corrected{command.sold};
  }
  void apply(const seats_sold& event) { sold += event.seats; }
  void apply(const corrected& event) { sold = event.sold; }

  using entity = cairn::entity<"hall", cairn::commands<sell, correct>, cairn::commutes<sell, sell>>;
};

int main(int argc, char** argv) {
  // What one client wants, said in both ways, and what a state still holds of it.
  const cairn::compare::typed_subject<hall, hall::sell, hall::correct> on(
      [](const cairn::compare::intent& /*wanted*/) { return hall::sell{1}; },
      [](const cairn::compare::intent& /*wanted*/, const hall& seen) {
        return hall::correct{seen.sold + 1};
      },
      [](const hall& state) { return state.sold; });
  return cairn::compare::run(argc, argv, on);
}
