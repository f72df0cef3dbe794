// expect: cannot_be_kept<std::optional<std::optional<.*, note::written, [^,]*text.*keep_one_optional
#include <cairn/cairn.hpp>

struct note {
  std::string text;

  struct write {
    std::string text;
  };
  struct written {
#ifdef MUST_COMPILE
    std::optional<std::vector<std::optional<std::string>>> text;
#else
    std::optional<std::optional<std::string>> text;
#endif
  };
  cairn::decision<written> decide(const write& command) const {
    written event;
    event.text.emplace();
    return {event, command.text.empty() ? event : written{}};
  }
  void apply(const written& /*event*/) {}

  using entity = cairn::entity<"note", cairn::commands<write>>;
};

void attempt(cairn::world& world) { world.host<note>(); }
