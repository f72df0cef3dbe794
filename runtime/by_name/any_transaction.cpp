#include <cairn/detail/by_name/any_transaction.hpp>

#include "entities/named_command.hpp"

#include <memory>
#include <utility>

namespace cairn {

namespace {

json_readings readings_of(detail::transaction_result ended, std::vector<named_reading> read) {
  json_readings all;
  if (ended.what != detail::transaction_result::kind::accepted) {
    all.failure = std::move(ended.failure);
    return all;
  }
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (read[i].failure) {
      all.failure = std::move(read[i].failure);
      return all;
    }
    read[i].version = ended.items[i].answer.version;
    read[i].exists = ended.items[i].answer.exists;
  }
  all.entities = std::move(read);
  if (ended.position != 0) {
    all.position = ended.position - 1;
  }
  return all;
}

void take_json(const entity_type& type, const void* state, named_reading& into) {
  into.state_json.clear();
  json::problem wrong;
  if (!type.encode_state(into.state_json, state, wrong)) {
    wrong.under("state");
    into.failure =
        failed{entity_errc::entity_error, fate::not_written, into.entity + ": " + wrong.text()};
  }
}

} // namespace

any_transaction::any_transaction(world& in) : core_(&in.core()) {}

detail::transaction_item& any_transaction::add(const entity_type& type, std::string key,
                                               expectation expected) {
  auto& item = plan_.items.emplace_back(detail::entity_address(std::move(key), type));
  item.expected = expected;
  return item;
}

bool any_transaction::send(const entity_type& type, std::string key, std::string_view command,
                           const boost::json::value& arguments, expectation expected,
                           json::problem& wrong) {
  named_command named;
  if (!find_named_command(type, command, arguments, expected, named, wrong)) {
    return false;
  }
  auto& item = add(type, std::move(key), expected);
  item.what = detail::request::verb::command;
  item.command = named.type;
  item.arguments = std::move(named.arguments);
  return true;
}

bool any_transaction::remove(const entity_type& type, std::string key, expectation expected,
                             json::problem& wrong) {
  if (!allows_expectation(type, expected, wrong)) {
    return false;
  }
  add(type, std::move(key), expected).what = detail::request::verb::remove;
  return true;
}

void any_transaction::require(const entity_type& type, std::string key, expectation expected) {
  add(type, std::move(key), expected);
}

void any_transaction::under_lease(std::string token) {
  plan_.items.back().lease = std::move(token);
}

void any_transaction::set_options(send_options options) { plan_.options = std::move(options); }

void any_transaction::commit(std::function<void(transaction_outcome)> callback) {
  detail::submit(*core_, std::move(plan_),
                 [callback = std::move(callback)](detail::transaction_result ended) {
                   callback(detail::to_outcome(std::move(ended)));
                 });
}

void post_read_all(world& in, const std::vector<named_entity>& entities,
                   std::function<void(json_readings)> callback) {
  const auto read = std::make_shared<std::vector<named_reading>>(entities.size());
  detail::transaction_plan plan;
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const auto& [type, key] = entities[i];
    auto& item = plan.items.emplace_back(detail::entity_address(key, *type));
    auto& into = (*read)[i]; // lives as long as the callback
    into.state_json = "null";
    into.entity = key;
    item.take_state = [&into](const entity_type& of, const void* state) {
      take_json(of, state, into);
    };
  }
  detail::submit(in.core(), std::move(plan),
                 [read, callback = std::move(callback)](detail::transaction_result ended) {
                   callback(readings_of(std::move(ended), std::move(*read)));
                 });
}

} // namespace cairn
