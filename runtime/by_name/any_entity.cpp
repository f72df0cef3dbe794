#include <cairn/detail/by_name/any_entity.hpp>

#include "entities/named_command.hpp"
#include "persistence/replay/recovery.hpp"
#include "runtime/world/core.hpp"

#include <utility>

namespace cairn {

using detail::request;
using detail::request_ptr;

namespace {

class any_command final : public request {
public:
  any_command(std::string key, any_pointer arguments, any_entity::outcome_callback callback)
      : key_(std::move(key)), arguments_(std::move(arguments)), callback_(std::move(callback)) {}

  const void* arguments() const noexcept override { return arguments_.get(); }
  void complete() override { callback_({std::move(key_), expected, std::move(answer)}); }

private:
  std::string key_;
  any_pointer arguments_;
  any_entity::outcome_callback callback_;
};

class any_read final : public request {
public:
  explicit any_read(any_entity::reading_callback callback) : callback_(std::move(callback)) {
    what = verb::read;
  }

  void take_state(const entity_type& type, const void* state) override {
    read_.state_json.clear();
    json::problem wrong;
    if (!type.encode_state(read_.state_json, state, wrong)) {
      wrong.under("state");
      read_.failure = failed{entity_errc::entity_error, fate::not_written, wrong.text()};
    }
  }

  void complete() override {
    if (answer.what == answer::kind::failed) {
      read_.failure = detail::failure_of(answer);
    }
    read_.version = answer.version;
    read_.exists = answer.exists;
    callback_(std::move(read_));
  }

private:
  json_reading read_{"null", 0, false, {}};
  any_entity::reading_callback callback_;
};

class any_lease final : public request {
public:
  explicit any_lease(any_entity::lease_callback callback) : callback_(std::move(callback)) {}

  void complete() override { callback_(detail::lease_outcome_of(*this)); }

private:
  any_entity::lease_callback callback_;
};

/// Waits until everything that is under way is durable, then reads the journal on a loading thread.
class read_behind final : public request {
public:
  using job = std::function<void(const struct answer&)>;

  read_behind(runtime::world_core& world, job then) : world_(world), then_(std::move(then)) {
    what = verb::read;
  }

  void complete() override {
    if (answer.what == answer::kind::failed) {
      return then_(answer); // also when nothing is read any more
    }
    world_.read_later([then = std::move(then_), current = answer] { then(current); });
  }

private:
  runtime::world_core& world_;
  job then_;
};

/// Today's program cannot load the entity.
bool is_of_the_program(const std::error_code& error) {
  return error == entity_errc::unknown_event || error == entity_errc::invalid_event ||
         error == entity_errc::entity_error;
}

/// Where the entity stands, for who reads its past. One that today's program cannot load has nothing under way, and
/// the journal knows its version: its changes can be shown all the same.
answer standing_of(const journal& source, std::string_view key, const answer& told) {
  head at;
  if (told.what != answer::kind::failed || !is_of_the_program(told.error) ||
      !source.find_head(key, at).ok()) {
    return told;
  }
  answer found;
  found.what = answer::kind::state;
  found.version = at.version;
  found.exists = !at.removed;
  return found;
}

/// Set when `wanted` cannot be read.
std::optional<failed> check_version(const answer& current, std::string_view key,
                                    version_type wanted) {
  if (current.what == answer::kind::failed) {
    return detail::failure_of(current);
  }
  if (wanted > current.version) {
    return failed{journal_errc::no_such_version, fate::not_written,
                  std::string(key) + " is at version " + std::to_string(current.version) +
                      ", not yet at " + std::to_string(wanted)};
  }
  return std::nullopt;
}

failed failed_read(const status& why) { return {why.error, fate::not_written, why.message}; }

json_reading read_at(const journal& source, const entity_type& type, std::string_view key,
                     version_type version) {
  json_reading read{"null", version, false, {}};
  std::unique_ptr<live_entity> then;
  if (auto recovered = persistence::recover_guarded(source, type, key, version, then);
      !recovered.ok()) {
    read.failure = failed_read(recovered);
    return read;
  }
  if (then->standing().exists()) {
    read.exists = true;
    read.state_json.clear();
    json::problem wrong;
    if (!then->encode_state_guarded(read.state_json, wrong)) {
      wrong.under("state");
      read.failure = failed{entity_errc::entity_error, fate::not_written, wrong.text()};
    }
  }
  return read;
}

/// How much is read for a page.
struct page_bounds {
  std::size_t changes_max = 0;
  std::size_t bytes_max = 0;
};

history_page read_history(const journal& source, std::string_view key, version_type from,
                          version_type current, page_bounds most) {
  history_page page;
  const version_type first = from == 0 ? 1 : from;
  const version_type last =
      current - first < most.changes_max ? current : first + most.changes_max - 1;
  status decoded;
  std::size_t bytes = 0;
  bool is_full = false;
  auto read = first > current ? status{} : source.read(key, first, last, [&](const record& stored) {
    bytes += stored.body.size();
    is_full = bytes > most.bytes_max && !page.changes.empty();
    if (is_full) {
      return false;
    }
    decoded = decode_change(stored, page.changes.emplace_back());
    return decoded.ok();
  });
  if (!read.ok() || !decoded.ok()) {
    page.failure = failed_read(read.ok() ? decoded : read);
  }
  page.more = first <= current && (is_full || last < current);
  return page;
}

history_page read_history(const journal& source, std::string_view key, const resume_token& from,
                          version_type current, page_bounds most) {
  history_page page;
  if (auto ahead = check_resume(source, from); !ahead.ok()) {
    page.failure = failed_read(ahead);
    return page;
  }
  status decoded;
  std::size_t bytes = 0;
  auto read = source.read(key, 1, current, [&](const record& stored) {
    if (stored.position < from.position) {
      return true;
    }
    bytes += stored.body.size();
    page.more = page.changes.size() == most.changes_max ||
                (bytes > most.bytes_max && !page.changes.empty());
    if (!page.more) {
      decoded = decode_change(stored, page.changes.emplace_back());
    }
    return decoded.ok() && !page.more;
  });
  if (!read.ok() || !decoded.ok()) {
    page.failure = failed_read(read.ok() ? decoded : read);
  }
  return page;
}

} // namespace

any_entity::any_entity(world& world, const entity_type& type, std::string key)
    : core_(&world.core()), address_(std::move(key), type) {}

void any_entity::submit(request_ptr asked, expectation expected, send_options options) const {
  asked->expected = expected;
  if (options.anything()) {
    asked->options = std::make_unique<send_options>(std::move(options));
  }
  detail::submit(*core_, address_, std::move(asked));
}

bool any_entity::post(std::string_view command, const boost::json::value& arguments,
                      expectation expected, send_options options, outcome_callback callback,
                      json::problem& wrong) const {
  named_command named;
  if (!find_named_command(address_.type(), command, arguments, expected, named, wrong)) {
    return false;
  }
  request_ptr asked(
      new any_command(address_.key(), std::move(named.arguments), std::move(callback)));
  asked->command = named.type;
  submit(std::move(asked), expected, std::move(options));
  return true;
}

bool any_entity::post_remove(expectation expected, send_options options, outcome_callback callback,
                             json::problem& wrong) const {
  if (!allows_expectation(address_.type(), expected, wrong)) {
    return false;
  }
  any_pointer nothing(nullptr, [](void* /*none*/) {});
  request_ptr asked(new any_command(address_.key(), std::move(nothing), std::move(callback)));
  asked->what = request::verb::remove;
  submit(std::move(asked), expected, std::move(options));
  return true;
}

void any_entity::post_lease(std::chrono::milliseconds for_so_long, std::string token,
                            lease_callback callback, metadata meta) const {
  submit_lease(request::verb::lease, for_so_long, std::move(token), std::move(callback),
               std::move(meta));
}

void any_entity::post_release(std::string token, lease_callback callback) const {
  submit_lease(request::verb::release, {}, std::move(token), std::move(callback), {});
}

void any_entity::submit_lease(request::verb what, std::chrono::milliseconds for_so_long,
                              std::string token, lease_callback callback, metadata meta) const {
  request_ptr asked(new any_lease(std::move(callback)));
  asked->what = what;
  asked->options = std::make_unique<send_options>();
  asked->options->meta = std::move(meta);
  asked->options->lease = std::move(token);
  asked->options->lease_for = for_so_long;
  detail::submit(*core_, address_, std::move(asked));
}

void any_entity::post_read(reading_callback callback) const {
  submit(new any_read(std::move(callback)), {}, {});
}

void any_entity::post_read_at(version_type version, reading_callback callback) const {
  auto then = [core = core_, type = &address_.type(), key = address_.key(), version,
               callback = std::move(callback)](const answer& told) {
    const auto current = standing_of(core->journal(), key, told);
    if (auto failure = check_version(current, key, version)) {
      callback({"null", current.version, false, std::move(failure)});
    } else {
      callback(read_at(core->journal(), *type, key, version));
    }
  };
  submit(new read_behind(*core_, std::move(then)), {}, {});
}

void any_entity::post_history(version_type from, std::size_t limit,
                              history_callback callback) const {
  auto then = [core = core_, key = address_.key(), from, limit,
               callback = std::move(callback)](const answer& told) {
    const auto current = standing_of(core->journal(), key, told);
    if (auto failure = check_version(current, key, from == 1 ? 0 : from)) {
      callback({{}, false, std::move(failure)});
    } else {
      const page_bounds most{limit, core->limits().history_bytes_max};
      callback(read_history(core->journal(), key, from, current.version, most));
    }
  };
  submit(new read_behind(*core_, std::move(then)), {}, {});
}

void any_entity::post_history(const resume_token& from, std::size_t limit,
                              history_callback callback) const {
  auto then = [core = core_, key = address_.key(), from, limit,
               callback = std::move(callback)](const answer& told) {
    const auto current = standing_of(core->journal(), key, told);
    if (auto failure = check_version(current, key, 0)) {
      callback({{}, false, std::move(failure)});
    } else {
      const page_bounds most{limit, core->limits().history_bytes_max};
      callback(read_history(core->journal(), key, from, current.version, most));
    }
  };
  submit(new read_behind(*core_, std::move(then)), {}, {});
}

} // namespace cairn
