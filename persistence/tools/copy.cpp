#include <cairn/detail/journal.hpp>

#include <deque>
#include <future>
#include <utility>

namespace cairn {

namespace {

// Large enough that a sync per batch costs little, small enough that a batch takes little memory.
constexpr std::size_t copied_at_once = 1000;
constexpr std::size_t copied_bytes_at_once = 4 << 20;

/// Collects what a visitor sees, which ends with its call, and appends it batch by batch.
class batch_copy {
public:
  explicit batch_copy(journal& to) : to_(to) {}

  void add(const record& next) {
    auto& kept = keep(next.entity, next.body);
    batch_.records.push_back(next);
    batch_.records.back().entity = kept.first;
    batch_.records.back().body = kept.second;
  }

  void add(const snapshot& next) {
    auto& kept = keep(next.entity, next.body);
    batch_.snapshots.push_back({kept.first, next.version, next.position, kept.second});
  }

  bool full() const noexcept { return used_ >= copied_at_once || bytes_ >= copied_bytes_at_once; }

  status write() {
    if (used_ == 0) return {};
    std::promise<append_result> written;
    to_.append(batch_, [&](append_result result) { written.set_value(std::move(result)); });
    auto result = written.get_future().get();
    batch_.records.clear();
    batch_.snapshots.clear();
    used_ = bytes_ = 0;
    if (result.what == append_result::kind::fenced)
      return {journal_errc::exists_already, "somebody else writes to the target of the copy"};
    return std::move(result.failure);
  }

private:
  using texts = std::pair<std::string, std::string>;

  texts& keep(std::string_view entity, std::string_view body) {
    if (used_ == kept_.size()) kept_.emplace_back();
    auto& kept = kept_[used_++];
    kept.first.assign(entity);
    kept.second.assign(body);
    bytes_ += entity.size() + body.size();
    return kept;
  }

  journal& to_;
  append_batch batch_;
  std::deque<texts> kept_; // used again for each batch
  std::size_t used_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace

status copy_journal(const journal& from, journal& to,
                    const std::function<void(position_type)>& progress) {
  if (to.end().next != 0) {
    return {journal_errc::exists_already,
            "the target holds " + std::to_string(to.end().next) + " changes already"};
  }
  batch_copy copy(to);
  position_type copied = 0;
  status failure;
  const auto write = [&] {
    failure = copy.write();
    if (failure.ok() && progress) progress(copied);
    return failure.ok();
  };
  auto result = from.scan(0, [&](const record& next) {
    copy.add(next);
    copied = next.position + 1;
    return next.unit_index + 1 < next.unit_size || !copy.full() || write();
  });
  if (!result.ok()) return result;
  if (!failure.ok() || !write()) return failure;
  result = from.scan_snapshots([&](const snapshot& next) {
    if (next.position >= copied) return true; // of a change that came after the copy began
    copy.add(next);
    return !copy.full() || write();
  });
  if (!result.ok()) return result;
  if (failure.ok()) (void)write();
  return failure;
}

} // namespace cairn
