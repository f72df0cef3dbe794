#include "cli/exec_dispatch.hpp"

#include <cairn/any_entity.hpp>

#include "cli/exec_input.hpp"
#include "cli/exec_reference.hpp"
#include "cli/exec_request.hpp"

#include <utility>

namespace cairn::cli {

namespace {

/// The store's own failures end in status 2; what one request met there does not.
bool is_store_failure(const std::error_code& error) {
  if (error.category() != journal_category()) {
    return error.category() != entity_category() && error.category() != runtime_category();
  }
  return error != journal_errc::too_large && error != journal_errc::fenced &&
         error != journal_errc::no_such_version;
}

gravity gravity_of(const std::error_code& error) {
  return is_store_failure(error) ? gravity::store_failed : gravity::fine;
}

/// What quotes a line may be anything; JSON takes UTF-8 only.
void write_text(std::string& out, std::string_view text) {
  if (!json::write_string(out, text)) out += "\"(text that is not UTF-8)\"";
}

std::string reply_of(const any_outcome& ended) {
  std::string members;
  write_outcome_json(members, ended);
  return members;
}

std::string reply_of(const failed& failure) {
  std::string members;
  write_failed_json(members, failure);
  return members;
}

std::string reply_of(const json_reading& read) {
  std::string members = "\"state\":" + read.state_json + ",\"version\":";
  json::write_unsigned(members, read.version);
  members += read.exists ? ",\"exists\":true" : ",\"exists\":false";
  return members;
}

std::string reply_of(const history_page& page) {
  std::string members = "\"changes\":[";
  for (const auto& shown : page.changes) {
    if (&shown != &page.changes.front()) members += ',';
    write_history_json(members, shown);
  }
  members += page.more ? "],\"more\":true" : "],\"more\":false";
  return members;
}

std::string reply_of(const listing& found) {
  std::string members = "\"entities\":[";
  for (const auto& entity : found.entities) {
    members += &entity == &found.entities.front() ? "{\"entity\":" : ",{\"entity\":";
    json::write_string(members, entity.entity);
    members += ",\"version\":";
    json::write_unsigned(members, entity.version);
    members += '}';
  }
  members += found.more ? "],\"more\":true" : "],\"more\":false";
  return members;
}

/// Puts what a read gave, or how it failed.
template <class Read>
void put_read(reply_box& replies, std::string_view reference, const Read& read) {
  if (read.failure) {
    replies.put(reference, reply_of(*read.failure), gravity_of(read.failure->error));
  } else {
    replies.put(reference, reply_of(read), gravity::fine);
  }
}

} // namespace

void exec_dispatch::start(std::string_view line) {
  reference_scanner scanner;
  scanner.feed(line);
  std::string reference = scanner.finish();
  boost::json::value value;
  json::problem wrong;
  exec_request asked;
  if (!json::parse(line, value, wrong)) return invalid(reference, wrong.path, wrong.message);
  if (const auto* object = value.if_object(); object != nullptr && reference.empty()) {
    if (const auto* given = object->if_contains("ref"); given != nullptr && !given->is_null()) {
      return invalid("", "ref", "expected string or integer, found " + json::describe(*given));
    }
  }
  if (!decode_request(value, known_, asked, wrong)) {
    return invalid(reference, wrong.path, wrong.message);
  }
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
  }
}

void exec_dispatch::refuse_long(std::string_view reference) {
  invalid(reference, "", "the line is longer than " + std::to_string(line_bytes_max) + " bytes");
}

void exec_dispatch::invalid(std::string_view reference, std::string_view path,
                            std::string_view message) {
  std::string members = "\"invalid\":{\"path\":";
  write_text(members, path);
  members += ",\"message\":";
  write_text(members, message);
  members += '}';
  replies_.put(reference, members, gravity::invalid);
}

void exec_dispatch::send(const exec_request& asked, const std::string& reference) {
  const any_entity entity(world_, *asked.type, asked.entity);
  auto replied = [&replies = replies_, reference](const any_outcome& ended) {
    const bool failed = ended.answer.what == answer::kind::failed;
    replies.put(reference, reply_of(ended),
                failed ? gravity_of(ended.answer.error) : gravity::fine);
  };
  json::problem wrong;
  bool sent = false;
  if (asked.what == exec_request::verb::remove) {
    sent = entity.post_remove(asked.expected, asked.options, std::move(replied), wrong);
  } else {
    const boost::json::value none = boost::json::object();
    sent = entity.post(asked.command, asked.arguments != nullptr ? *asked.arguments : none,
                       asked.expected, asked.options, std::move(replied), wrong);
  }
  if (!sent) invalid(reference, wrong.path, wrong.message);
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
  entity.post_history(asked.from, asked.limit,
                      [&replies = replies_, reference = std::move(reference)](
                          const history_page& page) { put_read(replies, reference, page); });
}

void exec_dispatch::list(const exec_request& asked, std::string_view reference) {
  listing found;
  const status listed = world_.list(asked.type->name, asked.after, asked.limit, found);
  if (listed.ok()) {
    replies_.put(reference, reply_of(found), gravity::fine);
  } else {
    replies_.put(reference, reply_of(failed{listed.error, fate::not_written, listed.message}),
                 gravity_of(listed.error));
  }
}

} // namespace cairn::cli
