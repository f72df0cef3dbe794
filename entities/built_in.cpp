#include "entities/built_in.hpp"

#include <array>
#include <utility>

namespace cairn {

namespace {

using built_in_kind = built_in_event::kind;

constexpr std::array<std::pair<std::string_view, built_in_kind>, 7> kinds{{
    {scheduled_event, built_in_kind::scheduled},
    {cancelled_event, built_in_kind::cancelled},
    {fired_event, built_in_kind::fired},
    {emitted_event, built_in_kind::emitted},
    {delivered_event, built_in_kind::delivered},
    {returned_event, built_in_kind::returned},
    {resent_event, built_in_kind::resent},
}};

/// Writes members one after the other.
class built_in_writer {
public:
  built_in_writer(std::string& out, json::problem& wrong) : out_(out), wrong_(wrong) {
    out_ += '{';
  }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    if (!json::write_string(out_, value)) {
      good_ = false;
      wrong_ = {std::string(name), "text is not valid UTF-8"};
    }
  }
  void number(std::string_view name, std::uint64_t value) {
    begin(name);
    json::write_unsigned(out_, value);
  }
  void time(std::string_view name, std::int64_t value) {
    begin(name);
    json::write_integer(out_, value);
  }
  void raw(std::string_view name, std::string_view value) {
    begin(name);
    out_ += value;
  }
  bool finish() {
    out_ += '}';
    return good_;
  }

private:
  void begin(std::string_view name) {
    if (out_.back() != '{') {
      out_ += ',';
    }
    out_.append("\"").append(name).append("\":");
  }

  std::string& out_;
  json::problem& wrong_;
  bool good_ = true;
};

/// Reads members by name; the first that is missing or of another kind is the problem.
class built_in_reader {
public:
  built_in_reader(const boost::json::object& from, json::problem& wrong)
      : from_(from), wrong_(wrong) {}

  void text(std::string_view name, std::string& into) {
    if (const auto* found = find(name); found != nullptr && check(name, found->is_string())) {
      into = found->get_string();
    }
  }
  void time(std::string_view name, std::int64_t& into) {
    const auto* found = find(name);
    if (found == nullptr) {
      return;
    }
    if (const auto* integer = found->if_int64(); check(name, integer != nullptr)) {
      into = *integer;
    }
  }
  template <class Number>
  void number(std::string_view name, Number& into) {
    std::int64_t value = 0;
    time(name, value);
    if (good_ && check(name, value >= 0)) {
      into = static_cast<Number>(value);
    }
  }
  void raw(std::string_view name, std::string& into) {
    if (const auto* found = find(name)) {
      into.clear();
      json::write(into, *found);
    }
  }
  bool has(std::string_view name) const { return from_.contains({name.data(), name.size()}); }
  bool good() const noexcept { return good_; }

private:
  const boost::json::value* find(std::string_view name) {
    const auto* found = good_ ? from_.if_contains({name.data(), name.size()}) : nullptr;
    check(name, found != nullptr);
    return found;
  }
  bool check(std::string_view name, bool holds) {
    if (!holds && good_) {
      good_ = false;
      wrong_ = {std::string(name), "missing or not as the format says"};
    }
    return holds;
  }

  const boost::json::object& from_;
  json::problem& wrong_;
  bool good_ = true;
};

bool takes_place(built_in_kind what) noexcept {
  return what == built_in_kind::delivered || what == built_in_kind::returned ||
         what == built_in_kind::resent;
}

bool takes_timer(built_in_kind what) noexcept { return what <= built_in_kind::fired; }

bool takes_message(built_in_kind what) noexcept {
  return what == built_in_kind::emitted || what == built_in_kind::returned;
}

} // namespace

bool concerns_agenda(std::string_view event) noexcept {
  for (const auto& [name, what] : kinds) {
    if (name == event) {
      return true;
    }
  }
  return false;
}

std::string_view name_of(const built_in_event& event) noexcept {
  return kinds[static_cast<std::size_t>(event.what)].first;
}

bool encode_built_in(std::string& out, const built_in_event& event, json::problem& wrong) {
  built_in_writer to(out, wrong);
  if (takes_timer(event.what)) {
    to.text("timer", event.timer);
  }
  if (takes_place(event.what)) {
    to.number("position", event.of.position);
    to.number("index", event.of.index);
  }
  if (event.what == built_in_kind::scheduled) {
    to.time("at", event.at_us);
    to.text("command", event.command);
    to.raw("args", event.arguments);
    if (event.every_us > 0) {
      to.time("every", event.every_us);
    }
  }
  if (takes_message(event.what)) {
    to.text("to", event.to);
    to.text("command", event.command);
    to.raw("args", event.arguments);
    to.number("hop", event.hop);
  }
  if (event.was_us) {
    to.time("was", *event.was_us);
  }
  if (!event.reason.empty()) {
    to.text("reason", event.reason);
  }
  if (event.handled) {
    to.raw("handled", "true");
  }
  return to.finish();
}

bool decode_built_in(std::string_view name, std::string_view data, built_in_event& event,
                     json::problem& wrong) {
  event = {};
  bool known = false;
  for (const auto& [candidate, what] : kinds) {
    if (candidate == name) {
      event.what = what;
      known = true;
    }
  }
  boost::json::value parsed;
  if (!known || !json::parse(data, parsed, wrong)) {
    return false;
  }
  const auto* object = parsed.if_object();
  if (object == nullptr) {
    wrong = {"", "expected object, found " + json::describe(parsed)};
    return false;
  }
  built_in_reader from(*object, wrong);
  if (takes_timer(event.what)) {
    from.text("timer", event.timer);
  }
  if (takes_place(event.what)) {
    from.number("position", event.of.position);
    from.number("index", event.of.index);
  }
  if (event.what == built_in_kind::scheduled) {
    from.time("at", event.at_us);
    from.text("command", event.command);
    from.raw("args", event.arguments);
    if (from.has("every")) {
      from.number("every", event.every_us);
    }
  }
  if (takes_message(event.what)) {
    from.text("to", event.to);
    from.text("command", event.command);
    from.raw("args", event.arguments);
    from.number("hop", event.hop);
  }
  if (from.has("was") || event.what == built_in_kind::cancelled ||
      event.what == built_in_kind::fired) {
    from.time("was", event.was_us.emplace());
  }
  if (from.has("reason")) {
    from.text("reason", event.reason);
  }
  event.handled = from.has("handled");
  return from.good();
}

} // namespace cairn
