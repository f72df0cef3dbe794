#pragma once

#include <cairn/cairn.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

/// Entities that act by themselves: on time, and on each other.
namespace sample {

/// Rings when it was set to.
struct bell {
  std::int64_t rings = 0;
  std::int64_t tone = 0;

  struct set {
    std::string name;
    std::int64_t in_ms = 0;
    std::int64_t tone = 0;
  };
  struct unset {
    std::string name;
  };
  struct ring {
    std::int64_t tone = 0; ///< Below 0 it is rejected; `forbidden_tone` throws.
  };
  struct was_set {
    std::string name;
  };
  struct rang {
    std::int64_t tone = 0;
  };
  static constexpr std::int64_t forbidden_tone = 13;

  cairn::decision<was_set, cairn::timer<ring>> decide(const set& c) const {
    return {was_set{c.name},
            cairn::timer<ring>{c.name, std::chrono::milliseconds(c.in_ms), ring{c.tone}}};
  }
  cairn::decision<cairn::cancel> decide(const unset& c) const { return {cairn::cancel{c.name}}; }
  cairn::decision<rang> decide(const ring& c) const {
    if (c.tone == forbidden_tone) {
      throw std::runtime_error("the bell is cracked");
    }
    if (c.tone < 0) {
      return cairn::reject("too low");
    }
    return {rang{c.tone}};
  }
  void apply(const was_set& /*event*/) {}
  void apply(const rang& event) {
    ++rings;
    tone = event.tone;
  }

  using entity =
      cairn::entity<"bell", cairn::commands<set, unset, ring>, cairn::snapshot_changes<5>>;
};

/// Holds coins and posts them to others. What does not arrive comes back.
struct till {
  std::int64_t coins = 0;
  std::int64_t came_back = 0;
  std::vector<std::int64_t> got; ///< Amounts, in the order in which they came.

  struct mint {
    std::int64_t amount = 0;
  };
  struct post {
    std::string to;
    std::int64_t amount = 0;
  };
  struct receive {
    std::int64_t amount = 0; ///< Above `most` it is rejected; `forbidden` throws.
  };
  struct pass_on {
    std::string to;
    std::int64_t times = 0;
  };
  struct minted {
    std::int64_t amount = 0;
  };
  struct posted {
    std::int64_t amount = 0;
  };
  struct received {
    std::int64_t amount = 0;
  };
  struct returned {
    std::int64_t amount = 0;
  };
  struct passed {};
  static constexpr std::int64_t most = 1'000;
  static constexpr std::int64_t forbidden = 13;

  cairn::decision<minted> decide(const mint& c) const { return {minted{c.amount}}; }
  cairn::decision<posted, cairn::message<till, receive>> decide(const post& c) const {
    if (c.amount > coins) {
      return cairn::reject("not enough coins");
    }
    return {posted{c.amount}, cairn::message<till, receive>{c.to, receive{c.amount}}};
  }
  cairn::decision<received> decide(const receive& c) const {
    if (c.amount == forbidden) {
      throw std::runtime_error("an unlucky amount");
    }
    if (c.amount > most) {
      return cairn::reject("too much at once");
    }
    return {received{c.amount}};
  }
  cairn::decision<passed, cairn::message<till, pass_on>> decide(const pass_on& c,
                                                                const cairn::context& ctx) const {
    if (c.times == 0) {
      return {passed{}};
    }
    const std::string self(cairn::id_of(ctx.entity()));
    return {passed{}, cairn::message<till, pass_on>{c.to, pass_on{self, c.times - 1}}};
  }
  cairn::decision<returned> decide(const cairn::undelivered& message) const {
    const auto lost = message.as<till, receive>();
    if (!lost) {
      return cairn::reject("not mine");
    }
    return {returned{lost->amount}};
  }
  void apply(const minted& event) { coins += event.amount; }
  void apply(const posted& event) { coins -= event.amount; }
  void apply(const received& event) {
    coins += event.amount;
    got.push_back(event.amount);
  }
  void apply(const returned& event) {
    coins += event.amount;
    ++came_back;
  }
  void apply(const passed& /*event*/) { ++came_back; }

  using entity = cairn::entity<"till", cairn::commands<mint, post, receive, pass_on>>;
};

} // namespace sample
