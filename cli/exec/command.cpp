#include <cairn/cli.hpp>
#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include "cli/commands.hpp"
#include "cli/exec/background.hpp"
#include "cli/exec/loop.hpp"
#include "cli/world_choice.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::cli {

namespace {

constexpr std::size_t concurrent_max = 65'536;

constexpr auto exec_help = R"(
Requests, one JSON object a line ("ref" is optional and comes back with the reply):
  {"ref":"r1","do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":3},"id":"c-17","meta":{"who":"x"}}
      expect: "any" (default), "absent", "exists" or {"at":VERSION}
      "show":["missed","paths","state"] has a conflict say what was missed; "lease":TOKEN sends under a lease
  {"ref":"r2","do":"read","entity":"counter/a"}                       "version":2 reads the past
  {"ref":"r3","do":"remove","entity":"counter/a","expect":{"at":4}}    and what send has but command and args
  {"ref":"r4","do":"history","entity":"counter/a","from":1,"limit":100}
      from: a version, or {"position":P,"lineage":L} (`cairn journal stat`)
  {"ref":"r5","do":"list","type":"counter","after":"a","limit":100}
  {"ref":"r6","do":"transact","id":"t-1","items":[{"entity":"counter/a","command":"add","args":{"n":1}},
      {"entity":"counter/b","remove":true},{"entity":"counter/c","expect":{"at":9}}]}
      all of it or nothing; an item has expect and lease of its own, one without a command only demands
  {"ref":"r7","do":"read_all","entities":["counter/a","counter/b"]}    at one point of the journal
  {"ref":"r8","do":"lease","entity":"counter/a","for_ms":5000}         "lease":TOKEN renews it
  {"ref":"r9","do":"release","entity":"counter/a","lease":TOKEN}
  {"ref":"ra","do":"update_all","type":"counter","where":{"path":"/value","op":"ge","value":5},"command":"add",
      "args":{"n":1},"atomic":false,"meta":{"who":"x"}}
      to all that exist and match: op is eq, ne, lt, le, gt or ge; path, a JSON pointer, leads to a value of the
      same kind, or there is no match; without where all match; atomic: all of them or none. Lines behind it
      do not wait for it with --concurrent

Replies:
  {"ref":"r1","accepted":{"version":4,"position":17}}                  also "merged":true, "duplicate":true, "reply":...
  {"ref":"r1","conflict":{"entity":"counter/a","kind":"stale","expected":3,"actual":4}}
      kind: stale, ahead, exists, absent, deleted or leased (with "left_ms"); where there are any, the
      "aspects" in the way; as shown: "missed":[CHANGE,...],"truncated":false,"paths":["/value"],"state":{...}
  {"ref":"r1","rejected":{"reason":"..."}}
  {"ref":"r1","failed":{"error":"overloaded","fate":"not_written","message":"..."}}
  {"ref":"r2","state":{"value":7},"version":4,"exists":true}
  {"ref":"r6","accepted":{"items":[{"version":5},{"version":2},{"version":9}],"position":18}}
  {"ref":"r6","conflict":{"items":[{"index":2,"entity":"counter/c","kind":"stale","expected":9,"actual":10}]}}
  {"ref":"r6","rejected":{"items":[{"index":0,"entity":"counter/a","reason":"..."}]}}
  {"ref":"r7","position":18,"entities":[{"entity":"counter/a","state":{"value":8},"version":5,"exists":true},...]}
  {"ref":"r8","lease":{"token":"...","until":"2026-05-31T18:20:00.000000Z"}}
  {"ref":"r9","released":true}
  {"ref":"ra","updated":{"matched":9,"changed":8,"rejected":1}}        also "leased":N, "failed":N with "error"
  {"ref":"r1","invalid":{"path":"args.n","message":"..."}}            no valid request; the rest goes on

Exit status: 0, 1 if a line was invalid, 2 if it could not start or the store failed, 130 if SIGINT or SIGTERM
ended it: lines behind the last reply were not read.

Examples:
  echo '{"do":"send","entity":"counter/a","command":"add","args":{"n":1}}' | cairn exec --data data
  cairn exec --data data --concurrent 1000 < requests.jsonl > replies.jsonl
)";

struct exec_options {
  world_choice world;
  std::size_t concurrent = 1;
};

/// A reader that has gone shows as an error of `write`, so that the journal is closed properly.
class broken_pipes_are_errors {
public:
  broken_pipes_are_errors() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  ~broken_pipes_are_errors() { std::signal(SIGPIPE, before_); }
  broken_pipes_are_errors(const broken_pipes_are_errors&) = delete;
  broken_pipes_are_errors& operator=(const broken_pipes_are_errors&) = delete;

private:
  void (*before_)(int);
};

/// False: input or output failed.
bool answer_lines(world& target, reply_box& replies, std::size_t concurrent) {
  background_jobs updates;
  protocol::session_options settings;
  settings.run_blocking = [&updates](std::function<void()> job) { updates.run(std::move(job)); };
  protocol::session requests(target, std::move(settings));
  return exec_loop(requests, replies, concurrent).run();
}

int run_exec(const exec_options& options, const session& shared) {
  const broken_pipes_are_errors guard;
  reply_box replies; // outlives the world, whose threads put into it
  auto settings = world_for(options.world, shared);
  settings.limits.in_flight_max = std::max(settings.limits.in_flight_max, options.concurrent);
  settings.limits.mailbox_max = std::max(settings.limits.mailbox_max, options.concurrent);
  world target(std::move(settings));
  begin_world(target, shared, "cairn exec");
  const bool good = answer_lines(target, replies, options.concurrent);
  const status closed = target.close();
  if (!closed.ok()) {
    std::cerr << "cairn exec: cannot close the journal: " << closed.message << std::endl;
  }
  const auto worst = good && closed.ok() ? replies.worst() : gravity::store_failed;
  return interrupted() && worst != gravity::store_failed ? exit_interrupted
                                                         : static_cast<int>(worst);
}

} // namespace

void add_exec_command(CLI::App& program, session& session) {
  auto options = std::make_shared<exec_options>();
  auto* exec = program.add_subcommand("exec", "Answer requests: JSON Lines in, JSON Lines out");
  add_world_options(*exec, options->world);
  exec->add_option(
          "--concurrent", options->concurrent,
          "Up to N lines under way, replies as they come; lines to one entity keep their order. "
          "Default 1: a line starts after the previous reply")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, concurrent_max));
  exec->footer(exec_help);
  exec->callback([options, &session] {
    check_world_options(options->world);
    session.status = run_exec(*options, session);
  });
}

} // namespace cairn::cli
