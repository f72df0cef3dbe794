#pragma once

#include <cairn/journal.hpp>

#include <deque>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

/// What tests of journals share: directories that go away, batches that own their texts, and
/// contents that can be compared.
namespace cairn::testing {

/// A fresh directory, removed with all that is in it.
class temporary_directory {
public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// A record with texts of its own.
struct kept_record {
  position_type position = no_position;
  position_type previous = no_position;
  std::string entity;
  version_type version = 0;
  std::int64_t time_us = 0;
  std::uint32_t unit_index = 0;
  std::uint32_t unit_size = 1;
  bool removes = false;
  std::string body;

  bool operator==(const kept_record&) const = default;
};

/// A snapshot with texts of its own.
struct state {
  std::string entity;
  version_type version = 0;
  position_type position = no_position;
  std::string body;

  bool operator==(const state&) const = default;
};

std::ostream& operator<<(std::ostream& out, const kept_record& shown);
std::ostream& operator<<(std::ostream& out, const state& shown);

kept_record copy_of(const record& source);

/// Builds batches, stamping them with times that increase by one.
class batch_builder {
public:
  batch_builder& add(std::string_view entity, version_type version, std::string_view body = "{}");
  batch_builder& remove(std::string_view entity, version_type version);
  /// Changes of one unit, all to be added from here on until `size` are.
  batch_builder& unit(std::uint32_t size);
  batch_builder& snapshot(std::string_view entity, version_type version, std::string_view body);
  /// Of the unit that begins with the next record added.
  batch_builder& demand(std::string_view entity, version_type version);
  batch_builder& at_time(std::int64_t time_us);

  /// Appends what was built, and begins anew. Stops the test when the journal does not call back at
  /// once or from another thread.
  append_result append_to(journal& to);

  const append_batch& batch() const noexcept { return batch_; }

private:
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

  append_batch batch_;
  std::deque<std::string> texts_;
  std::int64_t time_us_ = 1'000'000;
  std::uint32_t unit_size_ = 1;
  std::uint32_t unit_index_ = 0;
};

/// Everything in the journal; `failure` says why reading stopped, if it did.
std::vector<kept_record> changes_of(const journal& source, status& failure, position_type from = 0);
std::vector<state> snapshots_of(const journal& source, status& failure);

/// The same; expects no failure.
std::vector<kept_record> changes_of(const journal& source, position_type from = 0);
std::vector<state> snapshots_of(const journal& source);

/// Versions `from` to `to` of `entity`; expects no failure.
std::vector<kept_record> changes_of(const journal& source, std::string_view entity,
                                    version_type from, version_type to);

} // namespace cairn::testing
