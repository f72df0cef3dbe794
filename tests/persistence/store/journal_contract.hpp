#pragma once

#include <cairn/detail/journal.hpp>

#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

/// One contract for every journal. A store is added to it by one entry in `stores()`, in
/// journal_contract_test.cpp.
namespace cairn::testing {

using kind = append_result::kind;

// Small, so that a test with some hundred changes runs through several checkpoints.
constexpr std::uint64_t few_changes = 50;

struct store_kind {
  std::string name;
  std::function<journal_source(const std::filesystem::path&)> source;
  bool keeps = true; // after closing
};

class JournalContract : public ::testing::TestWithParam<store_kind> {
protected:
  JournalContract() { open(); }

  void open() { journal_ = GetParam().source(directory_.path())(); }

  void reopen() {
    ASSERT_TRUE(journal_->close().ok());
    journal_.reset();
    open();
  }

  journal& store() { return *journal_; }

  void commit() {
    const auto result = next_.append_to(store());
    ASSERT_EQ(result.what, kind::committed) << result.failure.message;
  }

  head head_of(std::string_view entity) {
    head found;
    const auto failure = store().find_head(entity, found);
    EXPECT_TRUE(failure.ok()) << failure.message;
    return found;
  }

  std::vector<std::string> list(std::string_view type, std::string_view after = {},
                                std::size_t limit = 1000, bool with_removed = false) {
    std::vector<listed_head> found;
    const auto failure = store().heads(type, after, limit, with_removed, found);
    EXPECT_TRUE(failure.ok()) << failure.message;
    std::vector<std::string> names;
    for (const auto& next : found) {
      EXPECT_EQ(next.head.version, head_of(next.entity).version);
      EXPECT_EQ(next.head.position, head_of(next.entity).position);
      names.push_back(next.entity);
    }
    return names;
  }

  /// Changes to `count` entities in random order, with snapshots, across many checkpoints.
  std::map<std::string, version_type> commit_many(std::size_t count, std::size_t changes,
                                                  std::uint32_t seed) {
    std::mt19937 random(seed);
    std::map<std::string, version_type> versions;
    for (std::size_t done = 0; done < changes;) {
      for (auto left = 1 + random() % 40; left > 0 && done < changes; --left, ++done) {
        const auto entity = "wallet/" + std::to_string(random() % count);
        const auto version = ++versions[entity];
        next_.add(entity, version,
                  std::string(random() % 300, static_cast<char>('a' + version % 26)));
        if (version % 7 == 0) next_.snapshot(entity, version, "state " + std::to_string(version));
      }
      commit();
    }
    return versions;
  }

  temporary_directory directory_;
  std::unique_ptr<journal> journal_;
  batch_builder next_;
};

} // namespace cairn::testing
