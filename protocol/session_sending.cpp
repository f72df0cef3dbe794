#include <cairn/by_name.hpp>
#include <cairn/entity.hpp>

#include "protocol/replies.hpp"
#include "protocol/session_core.hpp"

#include <chrono>
#include <utility>

/// What a session sends to the world, verb by verb; each leads to exactly one `end`.
namespace cairn::protocol {

namespace {

const boost::json::value& arguments_of(const requested_item& item) {
  static const boost::json::value none = boost::json::object();
  return item.arguments != nullptr ? *item.arguments : none;
}

bool add_item(any_transaction& all, const requested_item& item, json::problem& wrong) {
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

void session_core::send(const pending_ptr& request) {
  switch (request->asked.what) {
    case decoded_request::verb::send:
    case decoded_request::verb::remove:
      return send_command(request);
    case decoded_request::verb::read:
      return read(request);
    case decoded_request::verb::history:
      return read_history(request);
    case decoded_request::verb::list:
      return list(request);
    case decoded_request::verb::lease:
    case decoded_request::verb::release:
      return lease(request);
    case decoded_request::verb::transact:
      return transact(request);
    case decoded_request::verb::read_all:
      return read_all(request);
    case decoded_request::verb::update_all:
      return update_all(request);
  }
}

void session_core::send_command(const pending_ptr& request) {
  auto& asked = request->asked;
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [self = shared_from_this(), request](const any_outcome& ended) {
    self->end(request, reply_of(ended));
  };
  asked.options.lease = std::move(asked.lease);
  json::problem wrong;
  const bool sent =
      asked.removes
          ? entity.post_remove(asked.expected, std::move(asked.options), std::move(replied), wrong)
          : entity.post(asked.command, arguments_of(asked), asked.expected,
                        std::move(asked.options), std::move(replied), wrong);
  if (!sent) end_invalid(request, wrong);
}

void session_core::read(const pending_ptr& request) {
  const auto& asked = request->asked;
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [self = shared_from_this(), request](const json_reading& read) {
    self->end(request, reply_of(read));
  };
  if (asked.version) {
    entity.post_read_at(*asked.version, std::move(replied));
  } else {
    entity.post_read(std::move(replied));
  }
}

void session_core::read_history(const pending_ptr& request) {
  const auto& asked = request->asked;
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [self = shared_from_this(), request](const history_page& page) {
    self->end(request, reply_of(page));
  };
  if (asked.resumed) {
    entity.post_history(*asked.resumed, asked.limit, std::move(replied));
  } else {
    entity.post_history(asked.from, asked.limit, std::move(replied));
  }
}

void session_core::list(const pending_ptr& request) {
  const auto& asked = request->asked;
  listing found;
  const status listed = world_.list(asked.type->name, asked.after, asked.limit, found);
  end(request, listed.ok() ? reply_of(found)
                           : reply_of(failed{listed.error, fate::not_written, listed.message}));
}

void session_core::lease(const pending_ptr& request) {
  auto& asked = request->asked;
  const any_entity entity(world_, *asked.type, asked.entity);
  if (asked.what == decoded_request::verb::lease) {
    entity.post_lease(
        std::chrono::milliseconds(asked.for_ms), std::move(asked.lease),
        [self = shared_from_this(), request](const lease_outcome& ended) {
          self->end(request, reply_of(ended));
        },
        std::move(asked.options.meta));
  } else {
    entity.post_release(std::move(asked.lease),
                        [self = shared_from_this(), request](const lease_outcome& ended) {
                          self->end(request, release_reply(ended));
                        });
  }
}

void session_core::transact(const pending_ptr& request) {
  auto& asked = request->asked;
  any_transaction all(world_);
  for (std::size_t i = 0; i < asked.items.size(); ++i) {
    json::problem wrong;
    if (!add_item(all, asked.items[i], wrong)) {
      wrong.under(i);
      wrong.under("items");
      return end_invalid(request, wrong);
    }
  }
  all.set_options(std::move(asked.options));
  all.commit([self = shared_from_this(), request](const transaction_outcome& ended) {
    self->end(request, reply_of(ended));
  });
}

void session_core::read_all(const pending_ptr& request) {
  std::vector<named_entity> entities;
  for (const auto& item : request->asked.items) entities.push_back({item.type, item.entity});
  post_read_all(world_, entities, [self = shared_from_this(), request](const json_readings& read) {
    self->end(request, reply_of(read));
  });
}

void session_core::update_all(const pending_ptr& request) {
  auto& asked = request->asked;
  const auto update = std::make_shared<any_update>();
  json::problem wrong;
  if (!update->set_command(*asked.type, asked.command, arguments_of(asked), wrong)) {
    return end_invalid(request, wrong);
  }
  if (asked.where) update->set_condition(std::move(*asked.where));
  update->set_options({std::move(asked.options.meta), asked.atomic});
  const auto run = [self = shared_from_this(), request, update] {
    if (!self->is_cancelled()) self->end(request, reply_of(update->run(self->world_)));
  };
  if (!options_.run_blocking) return run();
  cairn::detail::guard(
      [&] { options_.run_blocking(run); },
      [&](const std::string& thrown) {
        end(request, reply_of(failed{runtime_errc::overloaded, fate::not_written, thrown}));
      });
}

} // namespace cairn::protocol
