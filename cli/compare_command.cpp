#include <cairn/compare.hpp>

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace cairn::cli {

void add_compare_command(CLI::App& program, session& session) {
  auto* own = program.add_subcommand(
      "compare", "Measure single writer against optimistic checks and other strategies");
  // Its options are its own business, --help included.
  own->set_help_flag();
  own->prefix_command();
  own->callback([own, &program, &session] {
    const std::string name = program.get_name() + " compare";
    const auto given = own->remaining();
    std::vector<const char*> arguments{name.c_str()};
    for (const auto& one : given) arguments.push_back(one.c_str());
    session.status = compare::run(static_cast<int>(arguments.size()), arguments.data(),
                                  compare::built_in_subject(), interrupted);
  });
}

} // namespace cairn::cli
