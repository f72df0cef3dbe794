#include <cairn/cli.hpp>
#include <cairn/world.hpp>

#include "cli/commands.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto resend_help = R"(
Messages that came back, and that their senders' types do not decide on, wait in a list: `journal agenda`
shows them. resend sends the one of a position again, as a new message of its sender, waits for what it
leads to, and says whether it came back again. The program that writes the journal must not be running; it
has cairn::world::resend.

Exit status: 0 it was delivered, 1 it came back again or there is none, 2 it could not start.

Example:
  cairn resend --data data 1734
)";

struct resend_options {
  std::string data;
  position_type position = 0;
};

exit_status run_resend(const CLI::App* command, const session& known,
                       const resend_options& options) {
  status missing;
  if (open_to_read(options.data, missing) == nullptr) return conclude(command, missing);
  world_options opened;
  opened.journal = owned_by(rocksdb(options.data), known.own_types());
  world target(std::move(opened));
  for (const auto* type : known.types) target.host(*type);
  const position_type before = target.journal().end().next;
  if (const auto resent = target.resend(options.position); !resent.ok()) {
    complain(command, resent.message);
    return exit_refused;
  }
  target.settle();
  std::vector<undelivered_message> back;
  auto listed = target.list_undelivered(before, 1, back);
  if (const auto closed = target.close(); listed.ok()) listed = closed;
  if (!listed.ok()) return conclude(command, listed);
  if (back.empty()) {
    std::cout << "sent again and delivered" << std::endl;
    return exit_good;
  }
  std::cout << "came back again, at position " << back.front().position << ": "
            << printable(back.front().message.reason) << std::endl;
  return exit_refused;
}

} // namespace

void add_resend_command(CLI::App& program, session& session) {
  auto options = std::make_shared<resend_options>();
  auto* command = program.add_subcommand("resend", "Send a message that came back again");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->add_option("position", options->position, "As `journal agenda` shows it")
      ->type_name("POSITION")
      ->required();
  command->footer(resend_help);
  command->callback([=, &session] { session.status = run_resend(command, session, *options); });
}

} // namespace cairn::cli
