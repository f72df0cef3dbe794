#pragma once

#include <utility>

namespace cairn {

/// One `T` for each thread that asks for it, used again and again; it goes with its thread. Unlike a `thread_local` it
/// may be asked for while the process ends: those of the main thread are destroyed before the first static is.
template <class T>
class per_thread {
public:
  /// `arguments` make it, the first time.
  template <class... Arguments>
  static T& get(Arguments... arguments) {
    if (own == nullptr) {
      own = new T(std::move(arguments)...);
      static thread_local const end_of_thread ends; // not again once it has been destroyed
      static_cast<void>(ends);
    }
    return *own;
  }

private:
  struct end_of_thread {
    end_of_thread() noexcept = default;
    end_of_thread(const end_of_thread&) = delete;
    end_of_thread& operator=(const end_of_thread&) = delete;
    ~end_of_thread() { delete std::exchange(own, nullptr); }
  };

  static inline thread_local T* own = nullptr;
};

} // namespace cairn
