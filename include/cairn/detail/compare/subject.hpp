#pragma once

#include <cairn/detail/compare/compare.hpp>
#include <cairn/entity.hpp>
#include <cairn/world.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

/// How a program compares on its own entity type; docs/compare.md has an example.
namespace cairn::compare {

namespace detail {

reply to_reply(const conflict& met);

template <class Outcome>
reply to_reply(const Outcome& ended) {
  if (const auto* done = ended.accepted()) {
    return {reply::kind::accepted, done->version, {}, {}, {}};
  }
  if constexpr (requires { ended.conflict(); }) {
    if (const auto* met = ended.conflict()) {
      return to_reply(*met);
    }
  }
  if (const auto* broken = ended.failed()) {
    return failed_reply(broken->message);
  }
  const auto* refused = ended.rejected();
  return failed_reply(refused != nullptr ? "rejected: " + refused->reason
                                         : "the entity is removed or leased");
}

/// `done`: what a lease, or giving it back, is called when it went well.
reply to_reply(const lease_outcome& ended, reply::kind done);

/// One command, or one of several.
template <class Command>
struct command_list_of {
  template <class Test>
  static bool all(Test test) {
    return test.template operator()<Command>();
  }
};
template <class... Commands>
struct command_list_of<std::variant<Commands...>> {
  template <class Test>
  static bool all(Test test) {
    return (test.template operator()<Commands>() && ...);
  }
};

template <class Command, class Use>
auto use(Command command, Use how) {
  return how(std::move(command));
}
template <class... Commands, class Use>
auto use(std::variant<Commands...> one, Use how) {
  return std::visit([&](auto& command) { return how(std::move(command)); }, one);
}

} // namespace detail

/// A subject of a described entity type. `Relative` and `Absolute` are two of its commands that can want the
/// same, or a `std::variant` of such: `make_relative` makes the one of what a client wants, `make_absolute` the
/// other of that and of what the client saw. `count` says of how many accepted commands a state still holds
/// what they did. What the type declares (aspects, commuting commands, leases) decides which strategies apply.
template <entity_state State, class Relative, class Absolute>
class typed_subject : public subject {
  using declared = typename State::entity;

public:
  using make_relative = std::function<Relative(const intent&)>;
  using make_absolute = std::function<Absolute(const intent&, const State&)>;
  using count = std::function<std::int64_t(const State&)>;

  typed_subject(make_relative relative, make_absolute absolute, count tally)
      : relative_(std::move(relative)), absolute_(std::move(absolute)), tally_(std::move(tally)) {}

  const entity_type& type() const override { return type_descriptor<State>(); }

  bool offers(form how, check against) const override {
    const auto offered = [&]<class Command>() { return offers<Command>(against); };
    return how == form::relative ? detail::command_list_of<Relative>::all(offered)
                                 : detail::command_list_of<Absolute>::all(offered);
  }

  std::unique_ptr<port> open(world& in, std::string_view id) const override {
    return std::make_unique<typed_port>(*this, in.entity<State>(id));
  }

  made_command make(const intent& wanted, form how, const void* seen) const override {
    const auto made = [&]<class Command>(Command command) {
      return made_command{find<Command>(),
                          any_pointer(new Command(std::move(command)),
                                      [](void* one) { delete static_cast<Command*>(one); })};
    };
    return how == form::relative
               ? detail::use(relative_(wanted), made)
               : detail::use(absolute_(wanted, *static_cast<const State*>(seen)), made);
  }

  std::int64_t tally(const void* state) const override {
    return tally_(*static_cast<const State*>(state));
  }

private:
  class typed_port final : public port {
  public:
    typed_port(const typed_subject& of, entity_ref<State> entity)
        : of_(&of), entity_(std::move(entity)) {}

    void read(listener& to) const override {
      entity_.post_read([&to](reading<State> read) {
        if (read.failure) {
          return to.answered(failed_reply(read.failure->message));
        }
        to.observed({read.version, std::make_shared<const State>(std::move(read.state))});
      });
    }

    void send(const intent& wanted, const sending& how, const observation& seen,
              listener& to) const override {
      const auto post_it = [&](auto command) { post(std::move(command), how, seen.version, to); };
      if (how.how == form::relative) {
        detail::use(of_->relative_(wanted), post_it);
      } else {
        detail::use(of_->absolute_(wanted, *static_cast<const State*>(seen.state.get())), post_it);
      }
    }

    void acquire(std::chrono::milliseconds for_so_long, listener& to) const override {
      entity_.post_lease(for_so_long, [&to](const lease_outcome& ended) {
        to.answered(detail::to_reply(ended, reply::kind::granted));
      });
    }

    void release(std::string lease, listener& to) const override {
      entity_.post_release(std::move(lease), [&to](const lease_outcome& ended) {
        to.answered(detail::to_reply(ended, reply::kind::released));
      });
    }

  private:
    template <class Command>
    void post(Command command, const sending& how, version_type version, listener& to) const {
      const auto answer = [&to](const auto& ended) { to.answered(detail::to_reply(ended)); };
      send_options options;
      options.lease = how.lease;
      options.show.state = how.shows_state;
      if constexpr (!declared::refuses_expectation) {
        if (how.against != check::none) {
          return entity_.post(std::move(command), at(version), answer, std::move(options));
        }
      }
      if constexpr (!declared::requires_expectation) {
        entity_.post(std::move(command), answer, std::move(options));
      }
    }

    const typed_subject* of_;
    entity_ref<State> entity_;
  };

  template <class Command>
  const command_type* find() const {
    return type().find_command(entity_ref<State>::template command_name<Command>());
  }

  template <class Command>
  bool offers(check against) const {
    switch (against) {
      case check::none:
        return !declared::requires_expectation;
      case check::version:
        return !declared::refuses_expectation;
      case check::aspect:
        return !declared::refuses_expectation && find<Command>()->depends != all_aspects;
      case check::merged:
        return !declared::refuses_expectation && find<Command>()->can_merge();
      default:
        return !declared::refuses_expectation && type().lease_max.count() > 0;
    }
  }

  make_relative relative_;
  make_absolute absolute_;
  count tally_;
};

} // namespace cairn::compare
