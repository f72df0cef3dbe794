#include <cairn/compare.hpp>

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace cairn::cli {

void add_leaf_command(CLI::App& program, session& session, const char* name, const char* what,
                      std::function<int(int, const char* const*)> run) {
  auto* own = program.add_subcommand(name, what);
  // Its options are its own business, --help included.
  own->set_help_flag();
  own->prefix_command();
  own->callback([own, &program, &session, run = std::move(run)] {
    const std::string full_name = program.get_name() + " " + own->get_name();
    const auto given = own->remaining();
    std::vector<const char*> arguments{full_name.c_str()};
    for (const auto& one : given) arguments.push_back(one.c_str());
    session.status = run(static_cast<int>(arguments.size()), arguments.data());
  });
}

void add_compare_command(CLI::App& program, session& session) {
  add_leaf_command(program, session, "compare",
                   "Measure single writer against optimistic checks and other strategies",
                   [](int argc, const char* const* argv) {
                     return compare::run(argc, argv, compare::built_in_subject(), interrupted);
                   });
}

} // namespace cairn::cli
