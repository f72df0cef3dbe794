#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/types.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::detail {
class request;
}

namespace cairn::persistence {

/// An entity's slot as persistence knows it: whose changes it writes, and up to where. The runtime's slot is one.
class entity_slot {
public:
  entity_slot(std::string key, const entity_type& type) : key_(std::move(key)), type_(&type) {}
  virtual ~entity_slot() = default;
  entity_slot(const entity_slot&) = delete;
  entity_slot& operator=(const entity_slot&) = delete;

  /// `type/id`
  const std::string& key() const noexcept { return key_; }
  const entity_type& type() const noexcept { return *type_; }

  /// Version up to which everything is durable.
  version_type committed() const noexcept { return committed_.load(std::memory_order_acquire); }
  void set_committed(version_type version) noexcept {
    committed_.store(version, std::memory_order_release);
  }

  /// True when a change of this activation was not committed: nothing more of it may be.
  bool is_lost(std::uint64_t activation) const noexcept {
    return activation <= lost_.load(std::memory_order_acquire);
  }

  /// Refuses everything of `activation` from now on and has the entity rebuilt.
  /// Thread: the persistence actor's.
  void lose(std::uint64_t activation) {
    if (!is_lost(activation)) {
      lost_.store(activation, std::memory_order_release);
      on_lost(activation);
    }
  }

  /// A request of this entity is about to get its reply.
  /// Thread: any.
  virtual void answering(const detail::request& /*asked*/) noexcept {}

  /// Who was to get the reply threw `text`.
  /// Thread: any.
  virtual void callback_threw(std::string_view /*text*/) noexcept {}

  /// It has got it, and holds `counted_bytes` no more.
  /// Thread: any.
  virtual void finished(std::size_t counted_bytes) noexcept = 0;

protected:
  /// Tells the entity, behind everything that it has been sent so far.
  virtual void on_lost(std::uint64_t activation) = 0;

private:
  friend void intrusive_ptr_add_ref(const entity_slot* counted) noexcept;
  friend void intrusive_ptr_release(const entity_slot* counted) noexcept;

  std::string key_;
  const entity_type* type_;
  mutable std::atomic<std::uint32_t> references_{0};
  std::atomic<std::uint64_t> lost_{0}; // activations count from 1
  std::atomic<version_type> committed_{0};
};

} // namespace cairn::persistence
