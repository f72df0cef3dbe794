#pragma once

#include <cairn/cairn.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Values of every kind that JSON holds, and an entity that puts them wherever values are written.
namespace sample {

/// Holds itself.
struct tree {
  std::string label;
  std::vector<tree> children;
  std::map<std::string, tree> named;

  friend bool operator==(const tree&, const tree&) = default;
};

/// Each level is an object in an array: `levels` of them are twice as deep.
inline tree tall_tree(std::size_t levels) {
  tree top;
  for (std::size_t level = 1; level < levels; ++level) {
    tree next;
    next.children.push_back(std::move(top));
    top = std::move(next);
  }
  return top;
}

enum class metal { gold, silver };

struct coin {
  metal made_of = metal::gold;
  std::int8_t worth = 0;
  std::uint64_t number = 0;

  friend bool operator==(const coin&, const coin&) = default;
};

struct treasure {
  bool real = false;
  std::int64_t weight = 0;
  double purity = 0;
  float shine = 0;
  std::string story;
  std::optional<std::string> owner;
  std::optional<std::vector<std::optional<std::int32_t>>> marks;
  std::vector<coin> coins;
  std::array<double, 2> place{};
  std::map<std::string, std::vector<std::string>> letters;
  std::set<std::string> tags;
  std::optional<tree> map;

  friend bool operator==(const treasure&, const treasure&) = default;
};

/// Bytes from their digits: a command's text is UTF-8, and what a decision makes of it need not be.
inline std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// Keeps the last treasure; gives it back in a reply; sends and schedules others; refuses for any reason.
struct chest {
  std::optional<treasure> held;
  std::int64_t rung = 0;
  std::vector<std::string> came_back; ///< Reasons.

  struct put {
    treasure what;
  };
  struct tell {
    std::string to;
    treasure what;
    std::string
        reason_hex; ///< Not empty: the receiver refuses for this, so many `times` one after the other.
    std::int64_t times = 1;
  };
  struct take {
    treasure what;
    std::string reason_hex;
    std::int64_t times = 1;
  };
  struct later {
    std::string name;
    std::int64_t in_ms = 0;
    treasure what;
  };
  struct refuse {
    std::string reason_hex;
    std::int64_t times = 1;
  };
  struct ring {
    std::string name; ///< Of a timer that is due at once, and refuses itself.
    std::string reason_hex;
    std::int64_t times = 1;
  };
  struct grow {
    std::string how; ///< What holds the tree: `event`, `reply`, `message` or `timer`.
    std::int64_t levels = 0;
  };
  struct was_put {
    treasure what;
  };
  struct told {
    std::string to;
  };
  struct came {
    std::string reason;
  };

  cairn::decision<cairn::replies<treasure>, was_put> decide(const put& c) const {
    return {was_put{c.what}, cairn::reply{c.what}};
  }
  cairn::decision<told, cairn::message<chest, take>> decide(const tell& c) const {
    return {told{c.to}, cairn::message<chest, take>{c.to, take{c.what, c.reason_hex, c.times}}};
  }
  cairn::decision<was_put> decide(const take& c) const {
    if (!c.reason_hex.empty()) {
      return cairn::reject(repeated(c.reason_hex, c.times));
    }
    return {was_put{c.what}};
  }
  cairn::decision<cairn::replies<tree>, was_put, told, cairn::message<chest, take>,
                  cairn::timer<put>>
  decide(const grow& c) const {
    treasure grown;
    grown.map = tall_tree(static_cast<std::size_t>(c.levels));
    if (c.how == "event") {
      return {was_put{grown}, cairn::reply{tree{}}};
    }
    if (c.how == "message") {
      return {told{}, cairn::message<chest, take>{"other", take{grown, "", 1}},
              cairn::reply{tree{}}};
    }
    if (c.how == "timer") {
      return {told{}, cairn::timer<put>{"tall", std::chrono::milliseconds(1), put{grown}},
              cairn::reply{tree{}}};
    }
    return {told{}, cairn::reply{*grown.map}};
  }
  cairn::decision<told, cairn::timer<put>> decide(const later& c) const {
    return {told{c.name},
            cairn::timer<put>{c.name, std::chrono::milliseconds(c.in_ms), put{c.what}}};
  }
  cairn::decision<> decide(const refuse& c) const {
    return cairn::reject(repeated(c.reason_hex, c.times));
  }
  cairn::decision<told, cairn::timer<refuse>> decide(const ring& c) const {
    return {told{c.name},
            cairn::timer<refuse>{c.name, std::chrono::milliseconds(0), {c.reason_hex, c.times}}};
  }
  static std::string repeated(const std::string& hex, std::int64_t times) {
    const std::string once = bytes_of_hex(hex);
    std::string text;
    for (std::int64_t i = 0; i < times; ++i) {
      text += once;
    }
    return text;
  }
  /// Of every other one; the rest goes to the list.
  cairn::decision<came> decide(const cairn::undelivered& message) const {
    if (message.reason.size() % 2 == 0) {
      return cairn::reject("not mine");
    }
    return {came{message.reason}};
  }
  void apply(const was_put& event) { held = event.what; }
  void apply(const told& /*event*/) { ++rung; }
  void apply(const came& event) { came_back.push_back(event.reason); }

  using entity = cairn::entity<"chest", cairn::commands<put, tell, take, later, refuse, grow, ring>,
                               cairn::record_commands, cairn::snapshot_changes<3>>;
};

} // namespace sample
