#pragma once

#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"
#include "tests/support/scrape.hpp"
#include "tests/support/tally.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace sample {

/// Adding commutes with adding, so stale adds are merged; taking does not.
struct purse {
  std::int64_t gold = 0;
  struct add {
    std::int64_t n = 0;
  };
  struct added {
    std::int64_t n = 0;
  };
  cairn::decision<added> decide(const add& command) const {
    if (gold + command.n < 0) {
      return cairn::reject("not so much");
    }
    return added{command.n};
  }
  void apply(const added& event) { gold += event.n; }
  using entity = cairn::entity<"purse", cairn::commands<add>, cairn::commutes<add, add>>;
};

} // namespace sample

/// A world whose metrics are looked at.
class metrics_world : public ::testing::Test {
protected:
  metrics_world() { open({}); }

  void open(cairn::world_options options) {
    world_.reset();
    options.journal = journal_.source();
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<sample::counter>();
    world_->host<sample::purse>();
  }

  void open_with_port() {
    cairn::world_options options;
    options.metrics_port = 0;
    open(std::move(options));
  }

  cairn::entity_ref<sample::counter> entity(const std::string& id) {
    return world_->entity<sample::counter>(id);
  }
  cairn::testing::scraped seen() const { return cairn::testing::scraped(world_->metrics()); }

  /// A request leaves its entity's mailbox, and is no longer in flight, just behind its reply.
  void await_quiet() const {
    while (world_->counts().in_flight > 0) {
      std::this_thread::yield();
    }
  }

  static inline const std::string commands = "cairn_commands_total";

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};
