#include "tests/support/held_journal.hpp"

#include <algorithm>
#include <utility>

class held_journal::view final : public cairn::journal {
public:
  explicit view(held_journal& shared) : shared_(shared) {}

  void append(cairn::append_batch& batch, append_callback done) override {
    shared_.append(batch, std::move(done));
  }
  cairn::status find_head(std::string_view entity, cairn::head& found) const override {
    if (auto failed = shared_.await_reading(entity); !failed.ok()) {
      return failed;
    }
    return inside().find_head(entity, found);
  }
  cairn::status read(std::string_view entity, cairn::version_type from, cairn::version_type to,
                     const record_visitor& visit) const override {
    return inside().read(entity, from, to, visit);
  }
  cairn::status scan(cairn::position_type from, const record_visitor& visit) const override {
    if (from >= shared_.shown_end_) {
      return {};
    }
    return inside().scan(from, [&](const cairn::record& stored) {
      ++shared_.scanned_;
      const std::string body = shared_.body_of(stored);
      cairn::record shown = stored;
      shown.body = body;
      return visit(shown);
    });
  }
  cairn::status heads(std::string_view type, std::string_view after, std::size_t limit,
                      bool with_removed, std::vector<cairn::listed_head>& found) const override {
    return inside().heads(type, after, limit, with_removed, found);
  }
  cairn::status find_snapshot(std::string_view entity, cairn::version_type at_most,
                              std::optional<cairn::stored_snapshot>& found) const override {
    return inside().find_snapshot(entity, at_most, found);
  }
  cairn::status scan_snapshots(const snapshot_visitor& visit) const override {
    return inside().scan_snapshots(visit);
  }
  cairn::status agenda(std::string_view from, std::string_view to,
                       const key_visitor& visit) const override {
    if (shared_.failing_agenda_) {
      ++shared_.failed_agenda_reads_;
      return {cairn::journal_errc::damaged, "the disk could not be read"};
    }
    ++shared_.agenda_reads_;
    return inside().agenda(from, to, visit);
  }
  cairn::tail end() const override {
    auto found = inside().end();
    found.next = std::min(found.next, shared_.shown_end_.load());
    return found;
  }
  std::vector<cairn::lineage_part> lineages() const override { return inside().lineages(); }
  cairn::status types(std::vector<std::string>& found) const override {
    return inside().types(found);
  }
  cairn::status sync() override { return inside().sync(); }
  cairn::status checkpoint() override { return inside().checkpoint(); }
  cairn::status close() override { return {}; } // the journal outlives this world

private:
  cairn::journal& inside() const { return *shared_.inside_; }
  held_journal& shared_;
};

held_journal::held_journal() : inside_(cairn::memory()()) {}

cairn::journal_source held_journal::source() {
  return [this] {
    const std::lock_guard lock(mutex_);
    failed_ = false; // opened anew
    return std::make_unique<view>(*this);
  };
}

void held_journal::append(cairn::append_batch& batch, cairn::journal::append_callback done) {
  if (before_append_) {
    before_append_();
  }
  {
    const std::lock_guard lock(mutex_);
    if (holding_) {
      held_.push_back({&batch, std::move(done)});
      changed_.notify_all();
      return;
    }
  }
  go_on({&batch, std::move(done)});
}

void held_journal::go_on(held next) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_ || std::exchange(failing_, false)) {
      cairn::append_result failed;
      failed.what = cairn::append_result::kind::failed;
      failed.fate = failed_ ? cairn::fate::not_written : failing_fate_;
      failed.failure = {cairn::journal_errc::store_failed, "the test had it fail"};
      failed_ = true;
      return next.done(std::move(failed));
    }
  }
  inside_->append(*next.batch, std::move(next.done));
}

void held_journal::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

void held_journal::release() {
  std::deque<held> going;
  {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    going = std::exchange(held_, {});
  }
  for (auto& next : going) {
    go_on(std::move(next));
  }
}

void held_journal::release_one() {
  held next;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_.empty(); });
    next = std::move(held_.front());
    held_.pop_front();
  }
  go_on(std::move(next));
}

void held_journal::await_held(std::size_t appends) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return held_.size() >= appends; });
}

void held_journal::hold_reading(std::string entity) {
  const std::lock_guard lock(mutex_);
  unreadable_ = std::move(entity);
  changed_.notify_all();
}

cairn::status held_journal::await_reading(std::string_view entity) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unreadable_ != entity; });
  if (!failing_prefix_.empty() && entity.starts_with(failing_prefix_)) {
    return {cairn::journal_errc::damaged, "the disk could not be read"};
  }
  return {};
}

void held_journal::fail_reading(std::string prefix) {
  const std::lock_guard lock(mutex_);
  failing_prefix_ = std::move(prefix);
}

void held_journal::spoil(cairn::position_type position, std::string text, std::string instead) {
  const std::lock_guard lock(mutex_);
  spoiled_ = text.empty() ? cairn::no_position : position;
  spoiled_text_ = std::move(text);
  spoiled_instead_ = std::move(instead);
}

std::string held_journal::body_of(const cairn::record& stored) {
  std::string body(stored.body);
  const std::lock_guard lock(mutex_);
  if (stored.position == spoiled_) {
    const auto found = body.find(spoiled_text_);
    if (found != std::string::npos) {
      body.replace(found, spoiled_text_.size(), spoiled_instead_);
    }
  }
  return body;
}

void held_journal::fail_agenda(bool fails) {
  failed_agenda_reads_ = 0;
  failing_agenda_ = fails;
}

void held_journal::fail_next(cairn::fate what) {
  const std::lock_guard lock(mutex_);
  failing_ = true;
  failing_fate_ = what;
}
