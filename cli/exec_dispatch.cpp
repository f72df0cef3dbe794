#include "cli/exec_dispatch.hpp"

#include <cairn/any_bulk.hpp>
#include <cairn/any_transaction.hpp>

#include "cli/exec_input.hpp"
#include "cli/exec_members.hpp"
#include "cli/exec_reference.hpp"
#include "cli/exec_request.hpp"

#include <algorithm>
#include <utility>

namespace cairn::cli {

namespace {

void put_failed(reply_box& replies, std::string_view reference, const failed& failure) {
  replies.put(reference, members_of(failure), gravity_of(failure.error));
}

/// Puts what a read gave, or how it failed.
template <class Read>
void put_read(reply_box& replies, std::string_view reference, const Read& read) {
  if (read.failure) return put_failed(replies, reference, *read.failure);
  replies.put(reference, members_of(read), gravity::fine);
}

/// Puts what became of a lease; `leased` is the reply when it went well.
void put_lease(reply_box& replies, std::string_view reference, const lease_outcome& ended,
               std::string_view leased) {
  if (const auto* failure = ended.failed()) return put_failed(replies, reference, *failure);
  if (const auto* met = ended.conflict()) {
    return replies.put(reference, members_of(*met), gravity::fine);
  }
  replies.put(reference, leased.empty() ? members_of(*ended.leased()) : std::string(leased),
              gravity::fine);
}

const boost::json::value& arguments_of(const exec_item& item) {
  static const boost::json::value none = boost::json::object();
  return item.arguments != nullptr ? *item.arguments : none;
}

std::vector<std::string> keys_of(const std::vector<exec_item>& items) {
  std::vector<std::string> keys;
  keys.reserve(items.size());
  for (const auto& item : items) keys.emplace_back(item.entity);
  return keys;
}

bool add_item(any_transaction& all, const exec_item& item, json::problem& wrong) {
  if (item.removes) {
    if (!all.remove(*item.type, item.entity, item.expected, wrong)) return false;
  } else if (item.command.data() == nullptr) {
    all.require(*item.type, item.entity, item.expected);
  } else if (!all.send(*item.type, item.entity, item.command, arguments_of(item), item.expected,
                       wrong)) {
    return false;
  }
  all.under_lease(item.lease);
  return true;
}

} // namespace

void busy_entities::enter(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  for (const auto& key : keys) ++lines_[key];
}

void busy_entities::leave(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  for (const auto& key : keys) {
    const auto found = lines_.find(key);
    if (--found->second == 0) lines_.erase(found);
  }
}

bool busy_entities::has(const exec_request& asked) const {
  const std::lock_guard lock(mutex_);
  if (lines_.empty()) return false;
  return lines_.contains(asked.entity) ||
         std::any_of(asked.items.begin(), asked.items.end(),
                     [this](const exec_item& item) { return lines_.contains(item.entity); });
}

bool exec_dispatch::start(std::string_view line) {
  reference_scanner scanner;
  scanner.feed(line);
  std::string reference = scanner.finish();
  boost::json::value value;
  json::problem wrong;
  exec_request asked;
  if (!json::parse(line, value, wrong)) return invalid(reference, wrong), true;
  if (const auto* object = value.if_object(); object != nullptr && reference.empty()) {
    if (const auto* given = object->if_contains("ref"); given != nullptr && !given->is_null()) {
      return invalid("", {"ref", "expected string or integer, found " + json::describe(*given)}),
             true;
    }
  }
  if (!decode_request(value, known_, asked, wrong)) return invalid(reference, wrong), true;
  if (busy_.has(asked)) return false;
  run(asked, std::move(reference));
  return true;
}

void exec_dispatch::run(exec_request& asked, std::string reference) {
  switch (asked.what) {
    case exec_request::verb::send:
    case exec_request::verb::remove:
      return send(asked, reference);
    case exec_request::verb::read:
      return read(asked, std::move(reference));
    case exec_request::verb::history:
      return history(asked, std::move(reference));
    case exec_request::verb::list:
      return list(asked, reference);
    case exec_request::verb::lease:
    case exec_request::verb::release:
      return lease(asked, std::move(reference));
    case exec_request::verb::transact:
      return transact(asked, std::move(reference));
    case exec_request::verb::read_all:
      return read_all(asked, std::move(reference));
    case exec_request::verb::update_all:
      return update_all(asked, std::move(reference));
  }
}

void exec_dispatch::refuse_long(std::string_view reference) {
  invalid(reference, {"", "the line is longer than " + std::to_string(line_bytes_max) + " bytes"});
}

void exec_dispatch::invalid(std::string_view reference, const json::problem& wrong) {
  replies_.put(reference, invalid_members(wrong.path, wrong.message), gravity::invalid);
}

void exec_dispatch::send(exec_request& asked, const std::string& reference) {
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [&replies = replies_, reference](const any_outcome& ended) {
    const bool failed = ended.answer.what == answer::kind::failed;
    replies.put(reference, members_of(ended),
                failed ? gravity_of(ended.answer.error) : gravity::fine);
  };
  asked.options.lease = std::move(asked.lease);
  json::problem wrong;
  const bool sent =
      asked.removes
          ? entity.post_remove(asked.expected, std::move(asked.options), std::move(replied), wrong)
          : entity.post(asked.command, arguments_of(asked), asked.expected,
                        std::move(asked.options), std::move(replied), wrong);
  if (!sent) invalid(reference, wrong);
}

void exec_dispatch::read(const exec_request& asked, std::string reference) {
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [&replies = replies_, reference = std::move(reference)](const json_reading& read) {
    put_read(replies, reference, read);
  };
  if (asked.version) {
    entity.post_read_at(*asked.version, std::move(replied));
  } else {
    entity.post_read(std::move(replied));
  }
}

void exec_dispatch::history(const exec_request& asked, std::string reference) {
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [&replies = replies_, reference = std::move(reference)](const history_page& page) {
    put_read(replies, reference, page);
  };
  if (asked.resumed) {
    entity.post_history(*asked.resumed, asked.limit, std::move(replied));
  } else {
    entity.post_history(asked.from, asked.limit, std::move(replied));
  }
}

void exec_dispatch::list(const exec_request& asked, std::string_view reference) {
  listing found;
  const status listed = world_.list(asked.type->name, asked.after, asked.limit, found);
  if (listed.ok()) {
    replies_.put(reference, members_of(found), gravity::fine);
  } else {
    put_failed(replies_, reference, {listed.error, fate::not_written, listed.message});
  }
}

void exec_dispatch::lease(exec_request& asked, std::string reference) {
  const any_entity entity(world_, *asked.type, asked.entity);
  const bool takes = asked.what == exec_request::verb::lease;
  auto replied = [&replies = replies_, reference = std::move(reference),
                  takes](const lease_outcome& ended) {
    put_lease(replies, reference, ended, takes ? "" : "\"released\":true");
  };
  if (takes) {
    entity.post_lease(std::chrono::milliseconds(asked.for_ms), std::move(asked.lease),
                      std::move(replied));
  } else {
    entity.post_release(std::move(asked.lease), std::move(replied));
  }
}

void exec_dispatch::transact(exec_request& asked, std::string reference) {
  any_transaction all(world_);
  for (std::size_t i = 0; i < asked.items.size(); ++i) {
    json::problem wrong;
    if (!add_item(all, asked.items[i], wrong)) {
      wrong.under(i);
      wrong.under("items");
      return invalid(reference, wrong);
    }
  }
  all.set_options(std::move(asked.options));
  auto keys = keys_of(asked.items);
  busy_.enter(keys);
  all.commit([this, keys = std::move(keys),
              reference = std::move(reference)](const transaction_outcome& ended) {
    busy_.leave(keys); // before the reply, which is when the next line is tried again
    if (const auto* failure = ended.failed()) return put_failed(replies_, reference, *failure);
    replies_.put(reference, members_of(ended), gravity::fine);
  });
}

void exec_dispatch::read_all(const exec_request& asked, std::string reference) {
  std::vector<named_entity> entities;
  for (const auto& item : asked.items) entities.push_back({item.type, item.entity});
  auto keys = keys_of(asked.items);
  busy_.enter(keys);
  post_read_all(
      world_, entities,
      [this, keys = std::move(keys), reference = std::move(reference)](const json_readings& read) {
        busy_.leave(keys);
        put_read(replies_, reference, read);
      });
}

void exec_dispatch::update_all(exec_request& asked, std::string reference) {
  any_update update;
  json::problem wrong;
  if (!update.set_command(*asked.type, asked.command, arguments_of(asked), wrong)) {
    return invalid(reference, wrong);
  }
  if (asked.where) update.set_condition(std::move(*asked.where));
  update.set_options({std::move(asked.options.meta), asked.atomic});
  updates_.run([this, update = std::move(update), reference = std::move(reference)] {
    const auto ended = update.run(world_);
    replies_.put(reference, members_of(ended),
                 ended.failure ? gravity_of(ended.failure->error) : gravity::fine);
  });
}

} // namespace cairn::cli
