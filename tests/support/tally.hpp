#pragma once

#include <cairn/cairn.hpp>

#include "tests/support/scrape.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <string>
#include <system_error>

namespace cairn::testing {

/// What a client was answered, under the names that the metrics should have for it.
class tally {
public:
  template <class Outcome>
  void command(const std::string& type, const Outcome& outcome) {
    const std::string of_type = "{type=\"" + type + "\",";
    const auto end = [&](const char* how) {
      add("cairn_commands_total" + of_type + "outcome=\"" + how + "\"}");
    };
    if (const auto* done = outcome.accepted()) {
      end("accepted");
      add(done->duplicate ? "cairn_commands_duplicate_total{type=\"" + type + "\"}" : "");
      add(done->merged ? "cairn_commands_merged_total{type=\"" + type + "\"}" : "");
    } else if (outcome.rejected() != nullptr) {
      end("rejected");
    } else if (const auto* broken = outcome.failed()) {
      end("failed");
      failed(broken->error);
    } else {
      refused(outcome, of_type, end);
    }
  }

  void conflict(const std::string& type, conflict_kind kind, const std::string& of) {
    add("cairn_conflicts_total{type=\"" + type + "\",kind=\"" + std::string(to_string(kind)) +
        "\",of=\"" + of + "\"}");
  }

  void failed(const std::error_code& error) {
    add("cairn_failures_total{error=\"" + error_word(error) + "\"}");
  }

  void add(const std::string& name, int times = 1) {
    if (!name.empty()) {
      const std::lock_guard lock(mutex_);
      counted_[name] += times;
    }
  }

  /// All that was counted, and nothing else: each counter of requests that is not in the tally is 0.
  void expect_all_in(const scraped& seen) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, value] : counted_) {
      EXPECT_EQ(seen[name], value) << name;
    }
    for (const auto& [name, value] : seen.values()) {
      for (const char* family :
           {"cairn_commands", "cairn_conflicts", "cairn_unavailable", "cairn_reads", "cairn_leases",
            "cairn_transaction", "cairn_failures"}) {
        EXPECT_TRUE(!name.starts_with(family) || value == 0 || counted_.contains(name))
            << name << " is " << value;
      }
    }
  }

  /// How many, at least, of what begins so.
  double sum(const std::string& prefix) const {
    const std::lock_guard lock(mutex_);
    double sum = 0;
    for (const auto& [name, value] : counted_) {
      sum += name.starts_with(prefix) ? value : 0;
    }
    return sum;
  }

private:
  template <class Reply, class End>
  void refused(const checked_outcome<Reply>& outcome, const std::string& of_type, End end) {
    end("conflict");
    add("cairn_conflicts_total" + of_type + "kind=\"" +
        std::string(to_string(outcome.conflict()->kind)) + "\",of=\"command\"}");
  }
  template <class Reply, class End>
  void refused(const unchecked_outcome<Reply>& outcome, const std::string& of_type, End end) {
    end("unavailable");
    add("cairn_unavailable_total" + of_type + "kind=\"" +
        std::string(to_string(outcome.unavailable()->kind)) + "\"}");
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> counted_;
};

} // namespace cairn::testing
