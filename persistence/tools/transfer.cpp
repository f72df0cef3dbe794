#include <cairn/detail/change.hpp>
#include <cairn/detail/tools/transfer.hpp>

#include "persistence/tools/change_order.hpp"
#include "persistence/tools/export_end.hpp"

#include <deque>
#include <future>
#include <istream>
#include <unordered_map>
#include <utility>

namespace cairn {

namespace {

using persistence::change_order;
using persistence::contradiction;

// Large enough that a write costs little, small enough to take little memory.
constexpr std::size_t lines_bytes = 256 * 1024;

// As a copy: a sync for so many changes costs little, and a batch is in memory whole.
constexpr std::size_t imported_at_once = 4096;
constexpr std::size_t imported_bytes_at_once = 4 << 20;

status contradicted(const change& at, const contradiction& wrong) {
  return {journal_errc::damaged, "change " + std::to_string(at.position) + " (" + at.entity +
                                     " version " + std::to_string(at.version) +
                                     "): " + std::string(wrong.member) + ": " + wrong.reason};
}

/// A line break between the tokens of a payload is valid JSON, but ends a line.
bool fits_line(std::string_view payload) { return payload.find_first_of("\r\n") == payload.npos; }

std::optional<contradiction> check_line(const change& exported) {
  bool fits = fits_line(exported.cause.reply.value_or("")) &&
              fits_line(exported.cause.arguments.value_or(""));
  for (const auto& event : exported.events) fits = fits && fits_line(event.data);
  if (!fits) return contradiction{"events", "a payload has a line break"};
  return persistence::check_texts(exported);
}

/// Collects lines and hands them on in blocks.
class line_writer {
public:
  line_writer(const line_sink& write, const transfer_progress& progress)
      : write_(write), progress_(progress) {}

  /// False: enough, or `failure()`.
  bool add(const record& stored) {
    if (failure_ = decode_change(stored, change_); !failure_.ok()) return false;
    if (const auto wrong = check_line(change_)) {
      failure_ = contradicted(change_, *wrong);
      return false;
    }
    write_export_json(lines_, change_);
    lines_ += '\n';
    ++written_;
    return lines_.size() < lines_bytes || flush();
  }

  bool flush() {
    hash_.add(lines_);
    const bool more = lines_.empty() || write_(lines_);
    is_wanted_ = is_wanted_ && more;
    lines_.clear();
    if (progress_) progress_(written_);
    return more;
  }

  /// Behind the last flush. Who wants no more does not get it.
  void end() {
    if (!is_wanted_) return;
    persistence::write_end_line(lines_, {written_, hash_.text()});
    (void)write_(lines_);
  }

  std::uint64_t written() const noexcept { return written_; }
  status& failure() noexcept { return failure_; }

private:
  const line_sink& write_;
  const transfer_progress& progress_;
  change change_;
  std::string lines_;
  std::uint64_t written_ = 0;
  persistence::export_hash hash_;
  bool is_wanted_ = true;
  status failure_;
};

/// Appends imported changes batch by batch, each judged before against those before it.
class importer {
public:
  explicit importer(journal& to) : to_(to) {}

  /// The reason to refuse `line`, or success.
  status add(std::string_view line) {
    std::string wrong;
    if (!read_export_json(line, change_, wrong)) return {journal_errc::damaged, wrong};
    head* before = nullptr;
    if (auto failure = find_head(before); !failure.ok()) return failure;
    if (const auto found = order_.follow(change_, *before))
      return {journal_errc::damaged, std::string(found->member) + ": " + found->reason};
    *before = {change_.version, change_.position, change_.removes};
    keep();
    const bool full = batch_.records.size() >= imported_at_once || bytes_ >= imported_bytes_at_once;
    return full && order_.unit_left() == 0 ? write() : status{};
  }

  status finish() {
    if (order_.unit_left() == 0) return write();
    return {journal_errc::damaged,
            "the lines end inside a unit: " + std::to_string(order_.unit_left()) +
                " more changes belong to it"};
  }

  position_type imported() const noexcept { return order_.next_position(); }

private:
  /// Where the change's entity stands: as the batch has left it, or as the journal says.
  status find_head(head*& found) {
    const auto [known, is_new] = heads_.try_emplace(change_.entity);
    found = &known->second;
    return is_new ? to_.find_head(change_.entity, *found) : status{};
  }

  void keep() {
    if (batch_.records.size() == kept_.size()) kept_.emplace_back();
    auto& [entity, body] = kept_[batch_.records.size()];
    entity = change_.entity;
    body.clear();
    encode_change_body(body, change_);
    bytes_ += entity.size() + body.size();
    record next;
    next.entity = entity;
    next.version = change_.version;
    next.time_us = change_.time_us;
    next.unit_index = change_.unit_index;
    next.unit_size = change_.unit_size;
    next.removes = change_.removes;
    next.agenda = persistence::concerns_agenda(change_);
    next.body = body;
    batch_.records.push_back(next);
  }

  status write() {
    if (batch_.records.empty()) return {};
    std::promise<append_result> written;
    to_.append(batch_, [&](append_result result) { written.set_value(std::move(result)); });
    auto result = written.get_future().get();
    batch_.records.clear();
    heads_.clear();
    bytes_ = 0;
    if (result.what == append_result::kind::fenced)
      return {journal_errc::fenced, "somebody else writes to the target of the import"};
    return std::move(result.failure);
  }

  journal& to_;
  change change_;
  change_order order_;
  append_batch batch_;
  std::deque<std::pair<std::string, std::string>> kept_; // entity and body, used again
  std::unordered_map<std::string, head> heads_;          // of the entities in the batch
  std::size_t bytes_ = 0;
};

status in_line(std::uint64_t line, status failure) {
  failure.message = "line " + std::to_string(line) + ": " + failure.message;
  return failure;
}

/// Knows what the end line must say, and that nothing may follow it.
class end_check {
public:
  explicit end_check(export_end wanted) : wanted_(wanted) {}

  /// Looks at a line that is not blank before it is read. `is_end`: it is no change.
  status follow(std::string_view line, position_type imported, bool& is_end) {
    if (seen_) return {journal_errc::damaged, "follows the end line, behind which nothing may be"};
    is_end = persistence::is_end_line(line);
    if (is_end) return compare(line, imported);
    if (wanted_ == export_end::ignored) return {};
    hash_.add(line);
    hash_.add("\n");
    return {};
  }

  status finish() const {
    if (seen_ || wanted_ == export_end::ignored) return {};
    return {journal_errc::damaged,
            "no end line follows: the export was cut here, or it is of an older version, whose "
            "exports have none "
            "(`--no-end` takes it as it is)"};
  }

private:
  status compare(std::string_view line, position_type imported) {
    seen_ = true;
    persistence::export_end_line said;
    std::string wrong;
    if (!persistence::read_end_line(line, said, wrong)) return {journal_errc::damaged, wrong};
    if (wanted_ == export_end::ignored) return {};
    if (said.changes != imported) {
      return {journal_errc::damaged, "end.changes: expected " + std::to_string(imported) +
                                         ", the changes in front of it, found " +
                                         std::to_string(said.changes)};
    }
    if (said.hash == hash_.text()) return {};
    return {journal_errc::damaged,
            "end.hash: the lines in front of it are not those that were exported (`--no-end` takes "
            "them as they are)"};
  }

  const export_end wanted_;
  persistence::export_hash hash_;
  bool seen_ = false;
};

} // namespace

status export_journal(const journal& from, const export_selection& selection,
                      const line_sink& write, const transfer_progress& progress) {
  if (selection.limit == 0) return {};
  line_writer out(write, progress);
  const auto visit = [&](const record& next) {
    return out.add(next) && out.written() < selection.limit;
  };
  const auto visit_from = [&](const record& next) {
    return next.position < selection.from || visit(next);
  };
  auto read = selection.entity.empty() ? from.scan(selection.from, visit)
                                       : from.read(selection.entity, 1, version_max, visit_from);
  // What came before a damaged place is shown: it may be what somebody is looking for.
  (void)out.flush();
  const bool is_full =
      selection.from == 0 && selection.limit == UINT64_MAX && selection.entity.empty();
  if (is_full && selection.end_line && read.ok() && out.failure().ok()) out.end();
  return out.failure().ok() ? read : std::move(out.failure());
}

status import_journal(std::istream& lines, journal& to, const transfer_progress& progress,
                      export_end end) {
  if (to.end().next != 0) {
    return {journal_errc::exists_already,
            "the target of the import holds " + std::to_string(to.end().next) + " changes already"};
  }
  constexpr position_type progress_changes = 1 << 16;
  importer in(to);
  end_check ending(end);
  std::string line;
  std::uint64_t number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    bool is_end = false;
    auto failure = ending.follow(line, in.imported(), is_end);
    if (failure.ok() && !is_end) failure = in.add(line);
    if (!failure.ok()) return in_line(number, std::move(failure));
    if (progress && in.imported() % progress_changes == 0) progress(in.imported());
  }
  if (lines.bad()) return {journal_errc::cannot_open, "the lines cannot be read to their end"};
  auto failure = in.finish();
  if (failure.ok()) failure = ending.finish();
  if (!failure.ok()) return in_line(number, std::move(failure));
  if (progress) progress(in.imported());
  return {};
}

} // namespace cairn
