#pragma once

#include <cairn/cairn.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace sample {

/// Goes off at a time, after a time, or again and again, and notes when it was due and when it did.
struct alarm {
  std::int64_t rings = 0;
  std::int64_t missed = 0;
  std::int64_t due_us = 0; ///< The last one; -1: it was no timer's.
  std::int64_t now_us = 0;
  std::string timer; ///< Of the last one.

  struct ring_at {
    std::string name;
    std::int64_t at_us = 0;
  };
  struct ring_after {
    std::string name;
    std::int64_t after_us = 0;
  };
  struct repeat {
    std::string name;
    std::int64_t period_us = 0;
    std::int64_t tone = 0;
  };
  struct stop {
    std::string name;
  };
  struct ring {
    std::int64_t tone = 0;
  };
  struct was_set {};
  struct rang {
    std::int64_t missed = 0;
    std::int64_t due_us = 0;
    std::int64_t now_us = 0;
    std::string timer;
  };

  // What `ring` does by its tone.
  static constexpr std::int64_t rejects = -1;
  static constexpr std::int64_t throws = 13;
  static constexpr std::int64_t stops = 99;
  static constexpr std::int64_t sets_again = 100; ///< By itself, with the same name and 50 ms.

  cairn::decision<was_set, cairn::timer<ring>> decide(const ring_at& c) const {
    return {was_set{}, cairn::timer<ring>{
                           c.name, cairn::time_point(std::chrono::microseconds(c.at_us)), ring{}}};
  }
  cairn::decision<was_set, cairn::timer<ring>> decide(const ring_after& c) const {
    return {was_set{}, cairn::timer<ring>{c.name, std::chrono::microseconds(c.after_us), ring{}}};
  }
  cairn::decision<was_set, cairn::every<ring>> decide(const repeat& c) const {
    return {was_set{},
            cairn::every<ring>{c.name, std::chrono::microseconds(c.period_us), ring{c.tone}}};
  }
  cairn::decision<cairn::cancel> decide(const stop& c) const { return {cairn::cancel{c.name}}; }
  cairn::decision<rang, cairn::cancel, cairn::every<ring>> decide(const ring& c,
                                                                  const cairn::context& ctx) const {
    using decided = cairn::decision<rang, cairn::cancel, cairn::every<ring>>;
    if (c.tone == throws) {
      throw std::runtime_error("the alarm is broken");
    }
    if (c.tone == rejects) {
      return cairn::reject("not now");
    }
    const std::string name(ctx.timer());
    decided made{rang{static_cast<std::int64_t>(ctx.missed()),
                      ctx.due() ? ctx.due()->time_since_epoch().count() : -1,
                      ctx.now().time_since_epoch().count(), name}};
    if (c.tone == stops) {
      made.add(cairn::cancel{name});
    }
    if (c.tone == sets_again) {
      made.add(cairn::every<ring>{name, std::chrono::milliseconds(50), c});
    }
    return made;
  }
  void apply(const was_set& /*event*/) {}
  void apply(const rang& event) {
    ++rings;
    missed += event.missed;
    due_us = event.due_us;
    now_us = event.now_us;
    timer = event.timer;
  }

  using entity = cairn::entity<"alarm", cairn::commands<ring_at, ring_after, repeat, stop, ring>,
                               cairn::snapshot_changes<5>>;
};

} // namespace sample
