// Every combination of verb, expectation, life, version, command id and moment, against a specification that
// is written as a plain function.

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_entity.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using cairn::answer;
using cairn::conflict_kind;
using cairn::expectation;
using kind = cairn::expectation::kind;

enum class life { never, live, removed };
enum class id_case { none, fresh, known, known_with_other_content };
enum class moment { same_run, after_restart, first_in_flight };

struct combination {
  bool removes;
  kind expects;
  int offset; // of the expected version from the actual one, for `at`
  life stands;
  id_case id;
  moment when;
};

constexpr const char* known_id = "c-1"; // the first command of every life but `never`

/// Version before the command: create, add, and, where removed, remove.
cairn::version_type version_of(life stands) {
  return stands == life::never ? 0 : stands == life::live ? 2 : 3;
}

expectation expectation_of(const combination& tried) {
  return {tried.expects,
          tried.expects == kind::at
              ? version_of(tried.stands) + static_cast<cairn::version_type>(tried.offset)
              : 0};
}

/// What must happen, in words. The order of checks: known id, deleted or absent, expectation, business rules.
std::string specified(const combination& tried) {
  const bool id_is_known =
      tried.stands != life::never &&
      (tried.id == id_case::known || tried.id == id_case::known_with_other_content);
  if (id_is_known) {
    const bool same = tried.id == id_case::known && !tried.removes;
    return same ? "accepted 1 at 0 again" : "failed command_id_reused";
  }
  const auto version = version_of(tried.stands);
  const auto conflict = [&](const char* what) {
    return std::string("conflict ") + what + " " + std::to_string(version);
  };
  switch (tried.stands) {
    case life::never:
      if (tried.removes || tried.expects == kind::exists) {
        return conflict("absent");
      }
      if (tried.expects == kind::at && tried.offset > 0) {
        return conflict("ahead");
      }
      break;
    case life::live:
      if (tried.expects == kind::absent) {
        return conflict("exists");
      }
      if (tried.expects == kind::at && tried.offset != 0) {
        return conflict(tried.offset < 0 ? "stale" : "ahead");
      }
      break;
    case life::removed:
      if (tried.removes || tried.expects != kind::absent) {
        return conflict("deleted");
      }
      break;
  }
  return "accepted " + std::to_string(version + 1) + " at " + std::to_string(version);
}

std::string in_words(const answer& given) {
  switch (given.what) {
    case answer::kind::accepted:
      return "accepted " + std::to_string(given.version) + " at " + std::to_string(given.position) +
             (given.duplicate ? " again" : "");
    case answer::kind::conflict:
      return "conflict " + std::string(to_string(given.conflict)) + " " +
             std::to_string(given.version);
    case answer::kind::rejected:
      return "rejected " + given.text;
    default:
      return "failed " + cairn::error_word(given.error);
  }
}

/// One combination, on a journal of its own.
class trial {
public:
  explicit trial(const combination& tried) : tried_(tried) {}

  std::string run() {
    start_world();
    if (tried_.when == moment::first_in_flight) {
      journal_.hold();
    }
    prepare();
    if (tried_.when == moment::after_restart) {
      await_preparation();
      start_world();
    } else if (tried_.when == moment::same_run) {
      await_preparation();
    }
    auto ended = send_tried();
    if (tried_.when == moment::first_in_flight) {
      if (tried_.stands != life::never) {
        // Invariant 3: while the first change is not durable, no reply of any kind tells of it.
        journal_.await_held(1);
        EXPECT_EQ(ended.wait_for(std::chrono::seconds(0)), std::future_status::timeout)
            << specified(tried_);
      }
      journal_.release();
    }
    const std::string words = in_words(ended.get());
    await_preparation();
    return words;
  }

private:
  using ending = std::future<answer>;

  void start_world() {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<sample::counter>();
  }

  cairn::any_entity entity() {
    return {*world_, cairn::type_descriptor<sample::counter>(), "counter/a"};
  }

  ending send(const char* command, const char* json, expectation expected, std::string id) {
    auto promise = std::make_shared<std::promise<answer>>();
    const auto callback = [promise](cairn::any_outcome ended) {
      promise->set_value(std::move(ended.answer));
    };
    boost::json::value arguments;
    cairn::json::problem wrong;
    EXPECT_TRUE(cairn::json::parse(json, arguments, wrong));
    if (command == nullptr) {
      EXPECT_TRUE(entity().post_remove(expected, {std::move(id), {}}, callback, wrong))
          << wrong.text();
    } else {
      EXPECT_TRUE(entity().post(command, arguments, expected, {std::move(id), {}}, callback, wrong))
          << wrong.text();
    }
    return promise->get_future();
  }

  void prepare() {
    if (tried_.stands != life::never) {
      prepared_.push_back(send("add", R"({"n":1})", {}, known_id));
      prepared_.push_back(send("add", R"({"n":5})", {}, ""));
    }
    if (tried_.stands == life::removed) {
      prepared_.push_back(send(nullptr, "{}", {}, ""));
    }
  }

  void await_preparation() {
    for (auto& prepared : prepared_) {
      EXPECT_EQ(prepared.get().what, answer::kind::accepted);
    }
    prepared_.clear();
  }

  ending send_tried() {
    const char* const ids[] = {"", "fresh", known_id, known_id};
    const bool other = tried_.id == id_case::known_with_other_content;
    return send(tried_.removes ? nullptr : "add", other ? R"({"n":2})" : R"({"n":1})",
                expectation_of(tried_), ids[static_cast<int>(tried_.id)]);
  }

  combination tried_;
  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
  std::vector<ending> prepared_;
};

std::string name_of(const combination& tried) {
  const char* const expects[] = {"any", "at", "absent", "exists"};
  const char* const lives[] = {"never", "live", "removed"};
  const char* const ids[] = {"no_id", "fresh_id", "known_id", "known_id_other_content"};
  const char* const moments[] = {"same_run", "after_restart", "first_in_flight"};
  return std::string(tried.removes ? "remove" : "add") + " expecting " +
         expects[static_cast<int>(tried.expects)] +
         (tried.offset < 0   ? "-"
          : tried.offset > 0 ? "+"
                             : "") +
         " on " + lives[static_cast<int>(tried.stands)] + " with " +
         ids[static_cast<int>(tried.id)] + " " + moments[static_cast<int>(tried.when)];
}

std::vector<combination> all_combinations() {
  std::vector<combination> all;
  for (const bool removes : {false, true}) {
    for (const kind expects : {kind::any, kind::at, kind::absent, kind::exists}) {
      for (const int offset : {-1, 0, 1}) {
        for (const life stands : {life::never, life::live, life::removed}) {
          for (const id_case id :
               {id_case::none, id_case::fresh, id_case::known, id_case::known_with_other_content}) {
            for (const moment when :
                 {moment::same_run, moment::after_restart, moment::first_in_flight}) {
              const bool has_offset = expects == kind::at || offset == 0;
              const bool is_version = offset >= 0 || stands != life::never;
              if (has_offset && is_version) {
                all.push_back({removes, expects, offset, stands, id, when});
              }
            }
          }
        }
      }
    }
  }
  return all;
}

// Invariants 3 and 6.
TEST(CommandMatrix, EveryCombinationEndsAsSpecified) {
  const auto all = all_combinations();
  EXPECT_GT(all.size(), 400U);
  for (const auto& tried : all) {
    EXPECT_EQ(trial(tried).run(), specified(tried)) << name_of(tried);
  }
}

} // namespace
