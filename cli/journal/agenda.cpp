#include <cairn/journal.hpp>
#include <cairn/world.hpp>

#include "cli/journal/commands.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto agenda_help = R"(
Shows what the journal's changes have yet to lead to: timers that are pending, messages that are under
way, and messages that came back and wait for somebody, of each the first --limit. `PROGRAM resend` sends
one of the last kind again. --stuck shows instead what is due and cannot be done: messages that cannot be
read, and timers and messages whose entity cannot be loaded. The latter only PROGRAM knows that has the
entities' types, and it loads each of them.

Examples:
  cairn journal agenda --data data
  cairn journal agenda --data data --json --limit 1000 | grep '^{"undelivered"'
  yourprogram journal agenda --data data --stuck
)";

struct agenda_options {
  std::string data;
  std::size_t limit = 20;
  bool json = false;
  bool stuck = false;
};

/// Everything that is shown.
struct agenda_found {
  agenda_counts counts;
  std::vector<waiting_timer> timers;
  std::vector<waiting_message> messages;
  std::vector<undelivered_message> undelivered;
};

status read_agenda(const journal& source, std::size_t limit, agenda_found& found) {
  auto read = count_agenda(source, found.counts);
  if (read.ok()) read = list_timers(source, limit, found.timers);
  if (read.ok()) read = list_messages(source, limit, found.messages);
  if (read.ok()) read = list_undelivered(source, std::nullopt, limit, found.undelivered);
  return read;
}

void print_json(const agenda_found& found) {
  std::cout << "{\"counts\":{\"timers\":" << found.counts.timers
            << ",\"messages\":" << found.counts.messages
            << ",\"undelivered\":" << found.counts.undelivered << "}}\n";
  for (const auto& next : found.timers) {
    std::cout << "{\"timer\":{\"at\":" << json_text(iso_time(next.at_us))
              << ",\"entity\":" << json_text(next.entity) << ",\"name\":" << json_text(next.timer)
              << "}}\n";
  }
  for (const auto& next : found.messages) {
    std::cout << "{\"message\":{\"position\":" << next.place.position
              << ",\"index\":" << next.place.index << ",\"from\":" << json_text(next.sender)
              << ",\"to\":" << json_text(next.to) << ",\"command\":" << json_text(next.command)
              << ",\"args\":" << next.arguments << "}}\n";
  }
  for (const auto& next : found.undelivered) {
    std::cout << "{\"undelivered\":{\"position\":" << next.position
              << ",\"time\":" << json_text(iso_time(next.time_us))
              << ",\"from\":" << json_text(next.sender) << ",\"to\":" << json_text(next.message.to)
              << ",\"command\":" << json_text(next.message.command)
              << ",\"args\":" << next.message.arguments
              << ",\"reason\":" << json_text(next.message.reason) << "}}\n";
  }
}

void print_head(const char* what, std::uint64_t count, std::size_t shown) {
  std::cout << with_commas(count) << ' ' << what;
  if (shown < count) std::cout << ", the first " << with_commas(shown);
  std::cout << (count == 0 ? "\n" : ":\n");
}

void print(const agenda_found& found) {
  print_head("timers", found.counts.timers, found.timers.size());
  for (const auto& next : found.timers) {
    std::cout << "  " << iso_time(next.at_us) << "  " << printable(next.entity) << "  "
              << printable(next.timer) << '\n';
  }
  print_head("messages under way", found.counts.messages, found.messages.size());
  for (const auto& next : found.messages) {
    std::cout << "  position " << next.place.position << "  " << printable(next.sender) << " -> "
              << printable(next.to) << "  " << printable(next.command) << ' '
              << printable(next.arguments) << '\n';
  }
  print_head("messages that came back", found.counts.undelivered, found.undelivered.size());
  for (const auto& next : found.undelivered) {
    std::cout << "  position " << next.position << "  " << printable(next.sender) << " -> "
              << printable(next.message.to) << "  " << printable(next.message.command) << ' '
              << printable(next.message.arguments) << "\n    " << printable(next.message.reason)
              << '\n';
  }
}

void print_stuck(const std::vector<stuck_item>& found, bool json) {
  for (const auto& next : found) {
    if (json) {
      std::cout << "{\"stuck\":{\"what\":" << json_text(next.what)
                << ",\"entity\":" << json_text(next.entity)
                << ",\"reason\":" << json_text(next.reason) << "}}\n";
    } else {
      std::cout << printable(next.what) << (next.entity.empty() ? "" : " for ")
                << printable(next.entity) << "\n    " << printable(next.reason) << '\n';
    }
  }
  if (found.empty() && !json) std::cout << "nothing is stuck\n";
}

exit_status run_agenda(const CLI::App* command, const session& known,
                       const agenda_options& options) {
  end_at_once_on_signals();
  status failure;
  const auto source = open_to_read(options.data, failure);
  if (source == nullptr) return conclude(command, failure);
  if (options.stuck) {
    std::vector<stuck_item> stuck;
    failure = list_stuck(*source, known.types, options.limit, stuck);
    if (!failure.ok()) return conclude(command, failure);
    print_stuck(stuck, options.json);
    std::cout.flush();
    return std::cout.good() ? exit_good : exit_not_started;
  }
  agenda_found found;
  if (failure = read_agenda(*source, options.limit, found); !failure.ok())
    return conclude(command, failure);
  if (options.json) {
    print_json(found);
  } else {
    print(found);
  }
  std::cout.flush();
  return std::cout.good() ? exit_good : exit_not_started;
}

} // namespace

void add_journal_agenda(CLI::App& journal, session& session) {
  auto options = std::make_shared<agenda_options>();
  auto* command =
      journal.add_subcommand("agenda", "Show timers, messages under way, and those that came back");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->add_option("--limit", options->limit, "So many of each")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
  command->add_flag("--stuck", options->stuck,
                    "What is due and cannot be done, and why; of it the first --limit");
  command->add_flag("--json", options->json, "JSON Lines: the counts, then each");
  command->footer(agenda_help);
  command->callback([=, &session] { session.status = run_agenda(command, session, *options); });
}

} // namespace cairn::cli
