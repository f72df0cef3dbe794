#include <cairn/detail/json/canonical.hpp>
#include <cairn/detail/model/describe.hpp>

#include <xxhash.h>

#include <cstddef>
#include <new>

namespace cairn::detail {

void add_commands(entity_type& type, const command_row* rows, std::size_t count) {
  type.commands.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    type.commands.push_back(
        {rows[i].functions, std::string(rows[i].name), rows[i].replies, all_aspects, {}});
  }
}

void add_events(entity_type& type, const event_row* rows, std::size_t count) {
  type.events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    type.events.push_back(
        {rows[i].functions, std::string(rows[i].name), rows[i].schema, all_aspects});
  }
}

std::uint64_t fingerprint_of(std::string_view shape, std::uint64_t state_version) noexcept {
  return XXH3_64bits_withSeed(shape.data(), shape.size(), state_version);
}

void carry_out(const decision_core& decided, const part_action* actions,
               const entity_type& (*type_of)(), void* state, const context& ctx, execution& done,
               bool& applying) {
  if (decided.refusal()) {
    return done.reject(decided.refusal()->reason);
  }
  const auto& type = type_of();
  const bool recorded = decided.parts().each([&](const part_list::part& part) {
    const auto& action = actions[part.index];
    return action.record != nullptr ? action.record(done, ctx, part.at)
                                    : done.record(type, action.event, part.at);
  });
  if (!recorded) {
    return;
  }
  applying = true;
  decided.parts().each([&](const part_list::part& part) {
    const auto& action = actions[part.index];
    if (action.record == nullptr) {
      type.events[action.event].apply_value(state, part.at);
    }
    return true;
  });
  applying = false;
}

} // namespace cairn::detail

namespace cairn {

namespace {

/// An event for as long as it is read and applied.
class passing_event {
public:
  explicit passing_event(const event_type& type) : object_(type.object) {
    if (object_->bytes > sizeof(place_) || object_->alignment > alignof(std::max_align_t)) {
      at_ = ::operator new(object_->bytes, std::align_val_t(object_->alignment));
    }
    try {
      type.make(at_);
    } catch (...) {
      release();
      throw;
    }
  }
  passing_event(const passing_event&) = delete;
  passing_event& operator=(const passing_event&) = delete;
  ~passing_event() {
    if (object_->destroy != nullptr) {
      object_->destroy(at_);
    }
    release();
  }

  void* get() const noexcept { return at_; }

private:
  void release() noexcept {
    if (at_ != place_) {
      ::operator delete(at_, std::align_val_t(object_->alignment));
    }
  }

  const detail::part_type* object_;
  alignas(std::max_align_t) std::byte place_[256]; // replay allocates nothing for the most
  void* at_ = place_;
};

} // namespace

bool command_type::decode(const boost::json::value& arguments, void* command,
                          json::problem& wrong) const {
  return json::detail::decode(arguments, command, *codec, wrong);
}

bool command_type::encode(std::string& out, const void* command, json::problem& wrong) const {
  return json::detail::encode(out, command, *codec, wrong);
}

std::size_t command_type::owned_bytes(const void* command) const {
  return codec->owns_memory ? json::detail::owned_bytes(command, *codec) : 0;
}

bool event_type::encode(std::string& out, const void* event, json::problem& wrong) const {
  return json::detail::encode(out, event, *codec, wrong);
}

bool event_type::apply(void* state, const boost::json::value& data, json::problem& wrong) const {
  const passing_event event(*this);
  if (!json::detail::decode(data, event.get(), *codec, wrong)) {
    return false;
  }
  apply_value(state, event.get());
  return true;
}

bool event_type::apply_canonical(void* state, std::string_view text) const {
  const passing_event event(*this);
  if (!json::detail::read_canonical(text, event.get(), *codec)) {
    return false;
  }
  apply_value(state, event.get());
  return true;
}

std::shared_ptr<const void> event_type::decode(const boost::json::value& data,
                                               json::problem& wrong) const {
  const passing_event event(*this);
  auto kept = copy(event.get());
  return json::detail::decode(data, kept.get(), *codec, wrong) ? kept : nullptr;
}

bool entity_type::encode_state(std::string& out, const void* state, json::problem& wrong) const {
  return json::detail::encode(out, state, *state_codec, wrong);
}

bool entity_type::decode_state(const boost::json::value& value, void* state,
                               json::problem& wrong) const {
  return json::detail::decode(value, state, *state_codec, wrong);
}

std::size_t entity_type::state_bytes(const void* state) const {
  return state_codec->owns_memory ? json::detail::owned_bytes(state, *state_codec) : 0;
}

} // namespace cairn
