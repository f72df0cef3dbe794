#pragma once

#include <cairn/protocol.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Replies as they come, each as a line.
/// Thread: any.
class reply_list {
public:
  cairn::protocol::reply_callback callback() {
    return [this](cairn::protocol::reply given) {
      const std::lock_guard lock(mutex_);
      replies_.push_back(std::move(given));
      changed_.notify_all();
    };
  }

  /// Waits until there are so many. False: a minute has passed.
  bool await(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1),
                             [&] { return replies_.size() >= count; });
  }

  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return replies_.size();
  }

  cairn::protocol::reply at(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return replies_.at(index);
  }

  std::string line(std::size_t index) {
    std::string text;
    cairn::protocol::write_reply(text, at(index));
    return text;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<cairn::protocol::reply> replies_;
};

/// A session that is asked one thing after the other.
class asked_session {
public:
  explicit asked_session(cairn::world& in, cairn::protocol::session_options options = {})
      : session_(in, std::move(options)) {}

  /// The reply as a line.
  std::string ask(std::string_view line, const cairn::metadata& given = {}) {
    const std::size_t before = replies_.size();
    session_.handle(line, replies_.callback(), given);
    return replies_.await(before + 1) ? replies_.line(before) : "no reply";
  }

  std::string ask_value(boost::json::value request, const cairn::metadata& given = {}) {
    const std::size_t before = replies_.size();
    session_.handle_value(std::move(request), replies_.callback(), given);
    return replies_.await(before + 1) ? replies_.line(before) : "no reply";
  }

  cairn::protocol::reply last() { return replies_.at(replies_.size() - 1); }

private:
  reply_list replies_;
  cairn::protocol::session session_; // ends first
};
