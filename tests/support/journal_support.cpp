#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <stdexcept>

namespace cairn::testing {

temporary_directory::temporary_directory() {
  auto name = (std::filesystem::temp_directory_path() / "cairn-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::ostream& operator<<(std::ostream& out, const kept_record& shown) {
  out << shown.position << " <" << shown.previous << "> " << shown.entity << " v" << shown.version
      << " t" << shown.time_us << " u" << shown.unit_index << "/" << shown.unit_size
      << (shown.removes ? " removes" : "");
  return out << " (" << shown.body.size() << " bytes)";
}

std::ostream& operator<<(std::ostream& out, const state& shown) {
  return out << shown.entity << " v" << shown.version << " @" << shown.position << " ("
             << shown.body.size() << " bytes)";
}

kept_record copy_of(const record& source) {
  return {source.position,  source.previous, std::string(source.entity),
          source.version,   source.time_us,  source.unit_index,
          source.unit_size, source.removes,  std::string(source.body)};
}

batch_builder& batch_builder::add(std::string_view entity, version_type version,
                                  std::string_view body) {
  record next;
  next.entity = keep(entity);
  next.version = version;
  next.time_us = time_us_++;
  next.body = keep(body);
  next.unit_index = unit_index_;
  next.unit_size = unit_size_;
  batch_.records.push_back(next);
  if (++unit_index_ == unit_size_) {
    unit_index_ = 0;
    unit_size_ = 1;
  }
  return *this;
}

batch_builder& batch_builder::remove(std::string_view entity, version_type version) {
  add(entity, version, "removed");
  batch_.records.back().removes = true;
  return *this;
}

batch_builder& batch_builder::unit(std::uint32_t size) {
  unit_size_ = size;
  return *this;
}

batch_builder& batch_builder::snapshot(std::string_view entity, version_type version,
                                       std::string_view body) {
  batch_.snapshots.push_back({keep(entity), version, no_position, keep(body)});
  return *this;
}

batch_builder& batch_builder::demand(std::string_view entity, version_type version) {
  batch_.conditions.push_back({keep(entity), version, batch_.records.size()});
  return *this;
}

batch_builder& batch_builder::at_time(std::int64_t time_us) {
  time_us_ = time_us;
  return *this;
}

append_result batch_builder::append_to(journal& to) {
  std::promise<append_result> done;
  to.append(batch_, [&](append_result result) { done.set_value(std::move(result)); });
  auto result = done.get_future().get();
  batch_ = {};
  texts_.clear();
  return result;
}

std::vector<kept_record> changes_of(const journal& source, status& failure, position_type from) {
  std::vector<kept_record> found;
  failure = source.scan(from, [&](const record& next) {
    found.push_back(copy_of(next));
    return true;
  });
  return found;
}

std::vector<state> snapshots_of(const journal& source, status& failure) {
  std::vector<state> found;
  failure = source.scan_snapshots([&](const snapshot& next) {
    found.push_back(
        {std::string(next.entity), next.version, next.position, std::string(next.body)});
    return true;
  });
  return found;
}

std::vector<kept_record> changes_of(const journal& source, position_type from) {
  status failure;
  auto found = changes_of(source, failure, from);
  EXPECT_TRUE(failure.ok()) << failure.message;
  return found;
}

std::vector<state> snapshots_of(const journal& source) {
  status failure;
  auto found = snapshots_of(source, failure);
  EXPECT_TRUE(failure.ok()) << failure.message;
  return found;
}

std::vector<kept_record> changes_of(const journal& source, std::string_view entity,
                                    version_type from, version_type to) {
  std::vector<kept_record> found;
  const auto failure = source.read(entity, from, to, [&](const record& next) {
    found.push_back(copy_of(next));
    return true;
  });
  EXPECT_TRUE(failure.ok()) << failure.message;
  return found;
}

} // namespace cairn::testing
