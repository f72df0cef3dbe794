#include <cairn/compare.hpp>

namespace cairn::compare {

const std::vector<workload>& presets() {
  static const std::vector<workload> all = [] {
    std::vector<workload> made;
    const auto add = [&](const char* name, auto change) {
      workload one;
      one.name = name;
      change(one);
      made.push_back(std::move(one));
    };
    // One number that everybody adds to.
    add("counter", [](workload& one) { one.clients = 64; });
    // Few items near their end, many bidders who look before they bid.
    add("auction", [](workload& one) {
      one.entities = 100;
      one.clients = 64;
      one.theta = 1.0;
      one.think_ms = 5;
      one.read_share = 0.5;
      one.event_bytes = 40;
    });
    // Many articles, a few of them wanted by all.
    add("inventory", [](workload& one) {
      one.entities = 10'000;
      one.clients = 64;
      one.theta = 0.9;
      one.read_share = 0.3;
      one.event_bytes = 60;
    });
    // Pages with several fields, that few people edit at once, slowly.
    add("profile-form", [](workload& one) {
      one.entities = 1'000;
      one.clients = 64;
      one.theta = 0.6;
      one.think_ms = 50;
      one.parts = 8;
      one.state_bytes = 2'000;
      one.event_bytes = 200;
    });
    // One list of scores, much read.
    add("leaderboard", [](workload& one) {
      one.clients = 64;
      one.read_share = 0.8;
      one.parts = 8;
      one.state_bytes = 4'000;
    });
    // A text that a few people type into at once.
    add("document", [](workload& one) {
      one.entities = 10;
      one.clients = 32;
      one.think_ms = 20;
      one.parts = 8;
      one.state_bytes = 20'000;
      one.event_bytes = 20;
    });
    return made;
  }();
  return all;
}

} // namespace cairn::compare
