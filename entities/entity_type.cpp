#include <cairn/entity.hpp>

#include "entities/built_in.hpp"
#include "entities/bytes.hpp"
#include "entities/text.hpp"

#include <algorithm>

namespace cairn {

std::string_view to_string(expectation_policy policy) noexcept {
  switch (policy) {
    case expectation_policy::allowed:
      return "allowed";
    case expectation_policy::required:
      return "required";
    case expectation_policy::refused:
      return "refused";
  }
  return "unknown";
}

namespace {

template <class List>
auto find_named(const List& list, std::string_view name) noexcept {
  for (const auto& item : list) {
    if (item.name == name) {
      return &item;
    }
  }
  return static_cast<const typename List::value_type*>(nullptr);
}

/// Events' lengths are written before their JSON is known: four bytes, filled in afterwards.
constexpr std::size_t length_bytes = 4;

/// What `$returned` has beside what `$emitted` has, its shortest reason included, and the body around it beside what is
/// around any change: `{"position":…,"index":…,"reason":"…"}`, names, and the numbers at their longest.
constexpr std::size_t returned_bytes_more = 192;

/// A reason that is cut further says nothing.
constexpr std::size_t shortest_reason_bytes = 3;

/// As much of a text as a message shows, cut between two characters.
std::string beginning_of(std::string_view text) {
  std::size_t shown = 80;
  if (text.size() <= shown) {
    return std::string(text);
  }
  while (shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xC0U) == 0x80U) {
    --shown;
  }
  return std::string(text.substr(0, shown));
}

/// What the runtime hears of the event, but for what `schedule`, `cancel` and `send_message` tell themselves.
void note_effect(const built_in_event& event, detail::change_effects& effects) {
  using kind = built_in_event::kind;
  using end = detail::change_effects::end;
  switch (event.what) {
    case kind::fired:
      effects.timers.push_back({event.timer, event.was_us, std::nullopt});
      break;
    case kind::delivered:
      effects.ends.push_back({end::kind::delivered, event.of});
      break;
    case kind::returned:
      effects.ends.push_back({event.handled ? end::kind::handled : end::kind::returned, event.of});
      break;
    case kind::resent:
      effects.ends.push_back({end::kind::resent, event.of});
      break;
    default:
      break;
  }
}

} // namespace

const command_type* entity_type::find_command(std::string_view wanted) const noexcept {
  return find_named(commands, wanted);
}

const event_type* entity_type::find_event(std::string_view wanted) const noexcept {
  return find_named(events, wanted);
}

bool entity_type::merges() const noexcept {
  return std::any_of(commands.begin(), commands.end(),
                     [](const command_type& command) { return command.can_merge(); });
}

std::vector<std::string> entity_type::names_of(aspect_set some) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < aspects.size(); ++i) {
    if ((some >> i & 1U) != 0) {
      names.push_back(aspects[i]);
    }
  }
  return names;
}

aspect_set entity_type::aspects_of(const std::vector<std::string>& names) const noexcept {
  aspect_set found = 0;
  for (const auto& each : names) {
    const auto at = std::find(aspects.begin(), aspects.end(), each);
    if (at == aspects.end()) {
      return all_aspects;
    }
    found |= aspect_set{1} << static_cast<std::size_t>(at - aspects.begin());
  }
  return names.empty() ? all_aspects : found;
}

void execution::reject(std::string reason) {
  verdict_ = verdict::rejected;
  reason_ = text_for_people(std::move(reason));
}

void execution::broke(std::string reason) {
  verdict_ = verdict::broken;
  reason_ = text_for_people(std::move(reason));
}

void execution::reset(std::size_t event_bytes_max) {
  reason_.clear();
  reply_.clear();
  events_.clear();
  event_count_ = 0;
  event_bytes_max_ = event_bytes_max;
  touched_ = 0;
  kept_ = nullptr;
  effects_.reset();
  pending_ = nullptr;
  hop_ = 0;
  verdict_ = verdict::accepted;
}

std::size_t execution::begin_event(std::string_view name, std::uint32_t schema) {
  put_bytes(events_, name);
  put_varint(events_, schema);
  events_.append(length_bytes, '\0');
  return events_.size();
}

bool execution::end_event(std::size_t start) {
  const std::size_t taken = events_.size() + reply_.size();
  if (taken > event_bytes_max_) {
    verdict_ = verdict::too_large;
    reason_ = "events and reply take " + std::to_string(taken) + " bytes, and " +
              std::to_string(event_bytes_max_) + " are left for them in a change";
    return false;
  }
  set_fixed32(events_.data() + start - length_bytes,
              static_cast<std::uint32_t>(events_.size() - start));
  ++event_count_;
  return true;
}

bool execution::record_empty(std::string_view name) {
  const std::size_t start = begin_event(name, 1);
  events_ += "{}";
  return end_event(start);
}

bool execution::record(const entity_type& type, std::size_t event_index, const void* event) {
  const event_type& known = type.events[event_index];
  if (!type.aspects.empty()) {
    touch(known.touches);
  }
  if (kept_ != nullptr && known.copy != nullptr) {
    kept_->push_back({event_index, known.copy(event)});
  }
  const std::size_t start = begin_event(known.name, known.schema);
  json::problem wrong;
  return known.encode(events_, event, wrong) ? end_event(start) : bad_event(known.name, wrong);
}

bool execution::record(const built_in_event& event) {
  auto& effects = make_effects();
  note_effect(event, effects);
  const std::size_t start = begin_event(name_of(event), 1);
  json::problem wrong;
  return encode_built_in(events_, event, wrong) ? end_event(start)
                                                : bad_event(name_of(event), wrong);
}

bool execution::record_note(built_in_event event) {
  const std::size_t start = events_.size();
  const std::string whole = event.reason = text_for_people(std::move(event.reason));
  while (!record(event)) {
    if (verdict_ != verdict::too_large) {
      return false;
    }
    if (event.reason.size() > shortest_reason_bytes) {
      cut_text(event.reason, std::max(event.reason.size() / 2, shortest_reason_bytes));
    } else if (event.what == built_in_event::kind::returned && event.arguments != no_arguments) {
      event.arguments = no_arguments;
      event.reason = whole;
    } else {
      return false;
    }
    take_back(start);
  }
  return true;
}

/// Of an event that was too large, and the first: there is another attempt.
void execution::take_back(std::size_t events_bytes) {
  events_.resize(events_bytes);
  effects_.reset();
  reason_.clear();
  verdict_ = verdict::accepted;
}

detail::change_effects& execution::make_effects() {
  if (!effects_) {
    effects_ = std::make_unique<detail::change_effects>();
  }
  return *effects_;
}

/// When the timer is due as things stand within this decision; nothing: it is not pending.
std::optional<std::int64_t> execution::pending_at(std::string_view timer) const {
  if (effects_) {
    const auto& edits = effects_->timers;
    const auto edit = std::find_if(edits.rbegin(), edits.rend(),
                                   [&](const auto& earlier) { return earlier.timer == timer; });
    if (edit != edits.rend()) {
      return edit->now ? std::optional(edit->now->at_us) : std::nullopt;
    }
  }
  if (pending_ == nullptr) {
    return std::nullopt;
  }
  const auto found = pending_->find(timer);
  return found == pending_->end() ? std::nullopt : std::optional(found->second.at_us);
}

bool execution::schedule(const std::string& timer, detail::pending_timer next) {
  built_in_event event;
  event.what = built_in_event::kind::scheduled;
  event.timer = timer;
  event.at_us = next.at_us;
  event.command = next.command;
  event.arguments = next.arguments;
  event.every_us = next.every_us;
  event.was_us = pending_at(timer);
  make_effects().timers.push_back({timer, event.was_us, std::move(next)});
  return record(event);
}

/// Each time its arguments are written again, beside what the command itself does: they must leave room for that.
bool execution::may_repeat(const std::string& timer, const std::string& arguments) {
  constexpr std::size_t share = 8;
  if (arguments.size() <= event_bytes_max_ / share) {
    return true;
  }
  verdict_ = verdict::too_large;
  reason_ = "the arguments of the repeating timer \"" + beginning_of(timer) + "\" take " +
            std::to_string(arguments.size()) + " bytes; they may take " +
            std::to_string(event_bytes_max_ / share);
  return false;
}

bool execution::cancel(const std::string& timer) {
  built_in_event event;
  event.what = built_in_event::kind::cancelled;
  event.timer = timer;
  event.was_us = pending_at(timer);
  if (!event.was_us) {
    return true;
  }
  make_effects().timers.push_back({timer, event.was_us, std::nullopt});
  return record(event);
}

bool execution::resend_message(detail::change_effects::sent message) {
  if (auto problem = entity_key_problem(message.to); !problem.empty()) {
    broke("a message to " + beginning_of(message.to) + ": " + problem);
    return false;
  }
  built_in_event event;
  event.what = built_in_event::kind::emitted;
  event.to = message.to;
  event.command = message.command;
  event.arguments = message.arguments;
  event.hop = message.hop;
  make_effects().messages.push_back(std::move(message));
  return record(event);
}

bool execution::send_message(detail::change_effects::sent message) {
  const std::size_t before = events_.size();
  if (!resend_message(std::move(message))) {
    return false;
  }
  const std::size_t returned = events_.size() - before + returned_bytes_more;
  if (returned <= event_bytes_max_) {
    return true;
  }
  verdict_ = verdict::too_large;
  reason_ = "a message that comes back takes " + std::to_string(returned) + " bytes, and " +
            std::to_string(event_bytes_max_) + " are left for it in a change";
  return false;
}

bool execution::bad_event(std::string_view name, const json::problem& wrong) {
  broke(std::string(name) + (wrong.path.empty() ? "" : ".") + wrong.text());
  return false;
}

std::string entity_key(std::string_view type, std::string_view id) {
  std::string key;
  key.reserve(type.size() + 1 + id.size());
  key.append(type).append("/").append(id);
  return key;
}

std::string_view type_of(std::string_view key) noexcept {
  const auto slash = key.find('/');
  return slash == std::string_view::npos ? std::string_view{} : key.substr(0, slash);
}

std::string_view id_of(std::string_view key) noexcept {
  const auto slash = key.find('/');
  return slash == std::string_view::npos ? std::string_view{} : key.substr(slash + 1);
}

std::string entity_key_problem(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos || slash == 0) {
    return "expected TYPE/ID, found \"" + beginning_of(key) + "\"";
  }
  const std::string_view id = key.substr(slash + 1);
  if (id.empty() || id.size() > entity_id_bytes_max) {
    return "an entity id has 1 to " + std::to_string(entity_id_bytes_max) +
           " bytes, this one has " + std::to_string(id.size());
  }
  if (!json::is_utf8(key)) {
    return "an entity id is valid UTF-8, this one is not";
  }
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto byte = static_cast<unsigned char>(id[i]);
    const bool c1 =
        byte == 0xC2U && static_cast<unsigned char>(id[i + 1]) < 0xA0U; // U+0080 … U+009F
    if (byte < 0x20U || byte == 0x7FU || c1) {
      return "an entity id has no control characters; this one has one at byte " +
             std::to_string(i);
    }
  }
  return {};
}

std::string names_problem(const entity_type& type) {
  const auto check = [&type](std::string_view what, std::string_view name) {
    return json::is_utf8(name)
               ? std::string()
               : "the type \"" + text_for_people(type.name) + "\" has " + std::string(what) +
                     " \"" + text_for_people(std::string(name)) + "\", whose name is not UTF-8";
  };
  // As an id it would have to be what a type's name has to be.
  if (auto problem = entity_key_problem("type/" + type.name); !problem.empty()) {
    return "the name of the type \"" + text_for_people(type.name) +
           "\" would do for no id: " + problem;
  }
  std::string problem;
  for (const auto& command : type.commands) {
    problem = problem.empty() ? check("a command", command.name) : problem;
  }
  for (const auto& event : type.events) {
    problem = problem.empty() ? check("an event", event.name) : problem;
  }
  for (const auto& aspect : type.aspects) {
    problem = problem.empty() ? check("an aspect", aspect) : problem;
  }
  return problem;
}

} // namespace cairn
