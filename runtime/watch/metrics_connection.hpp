#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace cairn::runtime {

/// One client of the metrics' port: takes the head of a request, gives the answer, and hangs up. It never blocks.
/// Thread: the port's.
class metrics_connection {
public:
  using clock = std::chrono::steady_clock;
  using text_source = std::function<std::string()>;

  enum class wish : std::uint8_t {
    read,  ///< The head of its request is not there yet.
    write, ///< Its answer has not all been taken yet.
    drain, ///< It has its answer, and is to hang up.
    end,   ///< Nothing any more.
  };

  /// Owns `descriptor`, a socket that does not block.
  explicit metrics_connection(int descriptor);
  ~metrics_connection();
  metrics_connection(metrics_connection&& other) noexcept;
  metrics_connection& operator=(metrics_connection&& other) noexcept;

  int descriptor() const noexcept { return descriptor_; }
  wish wants() const noexcept { return wish_; }

  /// Until then it has time for what it is at.
  clock::time_point deadline() const noexcept { return deadline_; }

  /// Goes on as far as it can; `metrics` gives the text that is answered.
  void go_on(const text_source& metrics);

private:
  void read(const text_source& metrics);
  void write();
  void drain();
  void begin(wish next);

  int descriptor_;
  wish wish_ = wish::read;
  clock::time_point deadline_;
  std::string head_;
  std::string answer_;
  std::size_t written_ = 0;
};

/// The answer to a request with this head: `/metrics` has `metrics`, anything else is told what is wrong with it.
std::string answer_to(std::string_view head, const metrics_connection::text_source& metrics);

} // namespace cairn::runtime
