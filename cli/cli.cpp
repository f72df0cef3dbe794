#include <cairn/cli.hpp>
#include <cairn/entity.hpp>
#include <cairn/error.hpp>

#include "cli/commands.hpp"
#include "cli/wake.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

namespace cairn::cli {

namespace {

constexpr int signals[] = {SIGINT, SIGTERM};

std::atomic<bool> interrupted_flag{false};
std::atomic<const wake_pipe*> interruption{nullptr};

/// The first signal asks for an end; from then on signals do what they did without us.
extern "C" void ask_for_end(int /*signal*/) {
  for (const int number : signals) std::signal(number, SIG_DFL);
  interrupted_flag.store(true);
  if (const auto* wake = interruption.load()) wake->raise();
}

/// Handles signals while it lives.
class signal_scope {
public:
  signal_scope() {
    interrupted_flag.store(false);
    interruption.store(&wake_);
    struct sigaction action {};
    action.sa_handler = &ask_for_end;
    sigfillset(&action.sa_mask);
    for (std::size_t i = 0; i < std::size(signals); ++i)
      ::sigaction(signals[i], &action, &before_[i]);
  }
  ~signal_scope() {
    for (std::size_t i = 0; i < std::size(signals); ++i)
      ::sigaction(signals[i], &before_[i], nullptr);
    interruption.store(nullptr);
  }
  signal_scope(const signal_scope&) = delete;
  signal_scope& operator=(const signal_scope&) = delete;

private:
  wake_pipe wake_;
  struct sigaction before_[std::size(signals)];
};

/// A closed standard descriptor would be given to the next file that is opened, and the journal is
/// one: replies must not end up there. What stands in its place refuses what it would be used for.
void keep_standard_descriptors() {
  constexpr std::pair<int, int> standard[] = {
      {STDIN_FILENO, O_WRONLY}, {STDOUT_FILENO, O_RDONLY}, {STDERR_FILENO, O_WRONLY}};
  for (const auto& [descriptor, mode] : standard) {
    // The lowest free number is this one: those before it are open.
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) (void)!::open("/dev/null", mode);
  }
}

constexpr auto help_text = R"(
Exit status: 0 all went well, 1 something in the input was refused or a check failed, 2 it could not
start, was called wrongly, or the store failed, 130 it was ended by Ctrl-C or SIGTERM. Each command has its own --help.

Examples:
  echo '{"do":"send","entity":"counter/a","command":"add","args":{"n":1}}' | cairn exec --data data
  cairn journal cat --data data
  cairn replay --data data --verify
  cairn types
)";

/// The command line: all commands, and what they share.
class command_line {
public:
  command_line(int argc, char** argv, std::vector<const entity_type*> types,
               const std::vector<extension>& more)
      : argc_(argc), argv_(argv), name_(program_name(argc, argv)), program_("", name_) {
    session_.types = std::move(types);
    const auto retired =
        std::stable_partition(session_.types.begin(), session_.types.end(),
                              [](const entity_type* type) { return !type->is_retired(); });
    session_.retired.assign(retired, session_.types.end());
    session_.types.erase(retired, session_.types.end());
    program_.description("Cairn: entities with versions and a journal");
    program_.set_version_flag("--version", "cairn " CAIRN_VERSION);
    program_.footer(help_text);
    program_.failure_message([this](const CLI::App* /*program*/, const CLI::Error& error) {
      return failure_text(error);
    });
    add_exec_command(program_, session_);
    add_types_command(program_, session_);
    add_journal_commands(program_, session_);
    add_replay_command(program_, session_);
    add_conflicts_command(program_, session_);
    add_resend_command(program_, session_);
    add_compare_command(program_, session_);
    add_bench_command(program_, session_);
    for (const auto add : more) add(program_, session_);
  }

  /// Does `argv[1]` name a command?
  bool has_command() const {
    const auto is_named = [this](const CLI::App* known) { return known->get_name() == argv_[1]; };
    return argc_ > 1 && !program_.get_subcommands(is_named).empty();
  }

  int run() {
    if (argc_ < 2) return std::cerr << program_.help(), 2;
    if (argv_[1][0] != '-' && !has_command()) return refuse_command();
    try {
      const signal_scope scope;
      program_.parse(argc_, argv_);
      return session_.status;
    } catch (const CLI::ParseError& error) {
      return program_.exit(error) == 0 ? 0 : 2;
    } catch (const startup_error& error) {
      std::cerr << full_name() << ": " << error.message() << std::endl;
    } catch (...) {
      std::cerr << full_name() << ": " << cairn::detail::text_of_thrown() << std::endl;
    }
    return 2;
  }

private:
  static std::string program_name(int argc, char** argv) {
    return argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string("cairn");
  }

  /// With the command, as far as it is known: `cairn journal cat`.
  std::string full_name() const {
    std::string name = name_;
    for (const auto* app = &program_; !app->get_subcommands().empty();) {
      app = app->get_subcommands().back();
      name += ' ' + app->get_name();
    }
    return name;
  }

  std::string failure_text(const CLI::Error& error) const {
    const std::string name = full_name();
    return name + ": " + error.what() + "; see " + name + " --help\n";
  }

  int refuse_command() const {
    std::cerr << name_ << ": unknown command \"" << argv_[1] << "\"; the commands are:";
    for (const auto* known : program_.get_subcommands({})) std::cerr << ' ' << known->get_name();
    std::cerr << "; see " << name_ << " --help" << std::endl;
    return 2;
  }

  int argc_;
  char** argv_;
  std::string name_;
  CLI::App program_;
  session session_;
};

} // namespace

bool interrupted() noexcept { return interrupted_flag.load(); }

int interruption_descriptor() noexcept {
  const auto* wake = interruption.load();
  return wake == nullptr ? -1 : wake->descriptor();
}

const entity_type* session::find_type(std::string_view name) const noexcept {
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&](const entity_type* type) { return type->name == name; });
  return found == types.end() ? nullptr : *found;
}

std::vector<const entity_type*> session::own_types() const {
  auto own = types;
  own.insert(own.end(), retired.begin(), retired.end());
  return own;
}

std::optional<int> run_command(int argc, char** argv, std::vector<const entity_type*> types,
                               const std::vector<extension>& more) {
  command_line line(argc, argv, std::move(types), more);
  if (!line.has_command()) return std::nullopt;
  keep_standard_descriptors();
  return line.run();
}

int run(int argc, char** argv, std::vector<const entity_type*> types,
        const std::vector<extension>& more) {
  keep_standard_descriptors();
  return command_line(argc, argv, std::move(types), more).run();
}

} // namespace cairn::cli
