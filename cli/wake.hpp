#pragma once

namespace cairn::cli {

/// Wakes a thread that waits in `poll`; raised several times before it is cleared, it wakes once.
class wake_pipe {
public:
  /// Errors: `std::system_error` when there are no descriptors left.
  wake_pipe();
  ~wake_pipe();
  wake_pipe(const wake_pipe&) = delete;
  wake_pipe& operator=(const wake_pipe&) = delete;

  /// Thread: any, and from signal handlers.
  void raise() const noexcept;

  void clear() const noexcept;

  /// Readable while raised.
  int descriptor() const noexcept { return ends_[0]; }

private:
  int ends_[2];
};

/// Readable once SIGINT or SIGTERM came; -1, which `poll` passes over, outside `run` and
/// `run_command`.
int interruption_descriptor() noexcept;

} // namespace cairn::cli
