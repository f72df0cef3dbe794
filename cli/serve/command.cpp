#include <cairn/gateway.hpp>
#include <cairn/world.hpp>

#include "cli/commands.hpp"
#include "cli/wake.hpp"
#include "cli/world_choice.hpp"

#include <CLI/CLI.hpp>
#include <poll.h>

#include <chrono>
#include <iostream>
#include <memory>

namespace cairn::cli {

namespace {

constexpr auto serve_help = R"(
Requests over HTTP/1.1, as docs/http.md has them:
  GET    /v1/entities/counter/a                    the state, its version as ETag; ?version=N reads the past
  POST   /v1/entities/counter/a/add                a command; the body is its arguments. If-Match: "3" sends it at version 3
  DELETE /v1/entities/counter/a                    removes it
  GET    /v1/entities/counter/a/history            its changes
  GET    /v1/entities/counter                      the entities of a type
  POST   /v1/transactions, /v1/read-all, /v1/update-all
  GET    /v1/types, /livez, /readyz, /metrics

Standard output has one line when it listens: {"port":7070}.
Ends with SIGINT or SIGTERM: what is under way is answered, then the journal is closed.

Exit status: 0 it was ended so, 2 it could not start, or the store failed.

Examples:
  cairn serve --data data
  curl http://127.0.0.1:7070/v1/entities/counter/a/add --json '{"n":1}'
)";

struct serve_choice {
  world_choice world;
  gateway_options gateway;
  std::uint64_t notice_ms = 0;
  std::uint64_t drain_ms = 10'000;
};

void await_interruption() {
  pollfd event{interruption_descriptor(), POLLIN, 0};
  while (!interrupted()) ::poll(&event, 1, -1);
}

int run_serve(const serve_choice& choice, const session& shared) {
  world target(world_for(choice.world, shared));
  begin_world(target, shared, "cairn serve");
  {
    auto options = choice.gateway;
    options.notice_time = std::chrono::milliseconds(choice.notice_ms);
    options.drain_time = std::chrono::milliseconds(choice.drain_ms);
    gateway open(target, options);
    std::cout << "{\"port\":" << open.port() << "}" << std::endl;
    std::cerr << "cairn serve: listening on port " << open.port() << " of this machine ("
              << choice.gateway.listen << "); Ctrl-C ends it" << std::endl;
    await_interruption();
    std::cerr << "cairn serve: ending; what is under way is answered first" << std::endl;
    open.drain();
  }
  const status closed = target.close();
  if (closed.ok()) return 0;
  std::cerr << "cairn serve: cannot close the journal: " << closed.message << std::endl;
  return 2;
}

} // namespace

void serve(CLI::App& program, session& shared) {
  auto choice = std::make_shared<serve_choice>();
  auto* command = program.add_subcommand("serve", "Serve entities over HTTP");
  add_world_options(*command, choice->world);
  command
      ->add_option(
          "--listen", choice->gateway.listen,
          "Address and port, of this machine's loopback only; port 0: any that is free. Default: "
          "127.0.0.1:7070")
      ->type_name("HOST:PORT");
  command
      ->add_option("--host", choice->gateway.hosts,
                   "A name by which clients call it, when a proxy hands its own on; may be given "
                   "several times")
      ->type_name("NAME");
  command
      ->add_option("--connections-max", choice->gateway.limits.connections_max,
                   "More connections are closed at once; default 10000")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  command
      ->add_option("--notice-ms", choice->notice_ms,
                   "At the end, so long /readyz says 503 before connections are refused; default 0")
      ->type_name("MS")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{600'000}));
  command
      ->add_option("--drain-ms", choice->drain_ms,
                   "At the end, what has no answer by then is cut off; default 10000")
      ->type_name("MS")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{600'000}));
  command->footer(serve_help);
  command->callback([choice, &shared] {
    check_world_options(choice->world);
    shared.status = run_serve(*choice, shared);
  });
}

} // namespace cairn::cli
