#include "tournament.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <variant>

namespace chess {

namespace {

constexpr std::size_t problems_shown_max = 20;
constexpr std::chrono::milliseconds progress_interval{200};

/// Empty when the game can be played.
std::string names_problem(const pgn::game& record, const std::string& id) {
  for (const auto& key :
       {cairn::entity_key("game", id), cairn::entity_key("player", record.tag("White")),
        cairn::entity_key("player", record.tag("Black"))}) {
    if (auto problem = cairn::entity_key_problem(key); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

/// What a broken file says must neither upset a terminal nor the JSON of the figures.
std::string printable(std::string text) {
  const bool is_utf8 = cairn::json::is_utf8(text);
  std::replace_if(
      text.begin(), text.end(),
      [is_utf8](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_utf8);
      },
      '?');
  return text;
}

std::string in_line(std::size_t line, const std::string& problem) {
  return "line " + std::to_string(line) + ": " + problem;
}

} // namespace

tournament::tournament(cairn::world& world, settings chosen, std::atomic<bool>& stop)
    : settings_(chosen),
      stop_(stop),
      hall_{world, chosen.impatient, stop},
      seats_(chosen.clients) {}

void tournament::play(pgn::reader& file, const std::function<void()>& progress) {
  std::uint64_t number = 0;
  for (;;) {
    wait_for_seats(1, progress);
    auto next = stop_ ? std::nullopt : file.next();
    if (!next) {
      break;
    }
    ++number;
    if (auto* record = std::get_if<pgn::game>(&*next)) {
      start(std::move(*record), number);
    } else {
      const auto& problem = std::get<pgn::problem>(*next);
      report(in_line(problem.line, problem.reason));
    }
  }
  wait_for_seats(settings_.clients, progress);
  if (number == 0 && !stop_) {
    report("there is no game in it");
  }
}

void tournament::start(pgn::game record, std::uint64_t number) {
  const auto line = record.line;
  auto id = game_id(record, number);
  if (const auto problem = names_problem(record, id); !problem.empty()) {
    return report(in_line(line, problem));
  }
  if (!ids_.insert(id).second) {
    return report(in_line(line, "game/" + id + " stands in the file twice"));
  }
  {
    const std::lock_guard lock(mutex_);
    --seats_;
  }
  std::make_shared<board>(hall_, std::move(id), std::move(record),
                          [this, line](board::end how, result ended, const std::string& why) {
                            end(how, ended, why.empty() ? why : in_line(line, why));
                          })
      ->play();
}

void tournament::end(board::end how, result ended, const std::string& why) {
  switch (how) {
    case board::end::counted: {
      const std::lock_guard lock(mutex_);
      ++games_;
      ++ended_[static_cast<std::size_t>(ended)];
      break;
    }
    case board::end::left:
      break;
    case board::end::bad:
      report(why);
      break;
    case board::end::broken: {
      stop_ = true;
      const std::lock_guard lock(mutex_);
      failure_ = failure_.empty() ? why : failure_;
      break;
    }
  }
  const std::lock_guard lock(mutex_);
  ++seats_;
  seats_changed_.notify_one();
}

void tournament::report(std::string problem) {
  const std::lock_guard lock(mutex_);
  ++bad_games_;
  if (problems_.size() < problems_shown_max) {
    problems_.push_back(printable(std::move(problem)));
  }
}

void tournament::wait_for_seats(std::size_t count, const std::function<void()>& progress) {
  std::unique_lock lock(mutex_);
  while (!seats_changed_.wait_for(lock, progress_interval, [&] { return seats_ >= count; })) {
    lock.unlock();
    progress();
    lock.lock();
  }
  lock.unlock();
  progress();
}

} // namespace chess
