#include "persistence/replay/group_recovery.hpp"

#include <cairn/detail/guard.hpp>

#include "persistence/replay/recovery.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace cairn::persistence {

namespace {

/// Passing by a change in a scan costs about a three hundredth of what looking one up costs, which decodes the chunk
/// that it is in. So a scan is the better way where it passes by no more than this many for each that is wanted.
constexpr std::uint64_t scanned_for_one = 256;

/// An entity that waits for more changes comes behind all others, which are not to wait for it.
constexpr version_type many_changes = 4'096;

/// Runs what may run an entity's code.
template <class Work>
status without_throwing(std::string_view key, Work&& work) {
  status went;
  detail::guard(
      [&] { went = work(); },
      [&](const std::string& thrown) {
        went = {entity_errc::entity_error, "rebuilding " + std::string(key) + " threw: " + thrown};
      });
  return went;
}

class group_recovery {
public:
  using giver = std::function<void(std::size_t, recovered_entity)>;

  group_recovery(const journal& source, const std::vector<wanted_entity>& wanted, const giver& give)
      : source_(source), wanted_(wanted), give_(give), under_way_(wanted.size()) {}

  void run() {
    for (std::size_t i = 0; i < wanted_.size(); ++i) begin(i);
    finish(few_);
    finish(many_);
  }

private:
  struct waiting {
    std::size_t index;
    position_type start;
    version_type changes;
  };

  /// Most need no more than their snapshot where the program ended well.
  void begin(std::size_t index) {
    const auto& wanted = wanted_[index];
    auto& recovery = under_way_[index];
    waiting next{index, 0, 0};
    auto failure = without_throwing(wanted.key, [&] {
      recovery.emplace(*wanted.type, wanted.key);
      auto begun = recovery->begin(source_, version_max);
      return begun.ok() ? recovery->find_start(source_, next.start) : begun;
    });
    if (!failure.ok() || recovery->complete()) return end(index, std::move(failure));
    next.changes = recovery->last() + 1 - recovery->next();
    (next.changes < many_changes ? few_ : many_).push_back(next);
  }

  void finish(std::vector<waiting>& those) {
    const auto alone = those.begin() + static_cast<std::ptrdiff_t>(worth_a_scan(those));
    if (alone != those.begin()) scan({those.begin(), alone});
    for (const auto& next : those)
      if (under_way_[next.index]) read_alone(next.index);
  }

  /// Sorts them by where they begin, the latest first: of them, how many are best read in one scan.
  std::size_t worth_a_scan(std::vector<waiting>& those) const {
    std::sort(those.begin(), those.end(),
              [](const waiting& a, const waiting& b) { return a.start > b.start; });
    const auto journal_end = source_.end().next;
    std::uint64_t changes = 0;
    std::size_t worth = 0;
    for (std::size_t i = 0; i < those.size(); ++i) {
      changes += those[i].changes;
      if (journal_end - std::min(journal_end, those[i].start) <= scanned_for_one * changes)
        worth = i + 1;
    }
    return worth;
  }

  /// Hands each change to whom it belongs. What the scan does not bring to its end is read alone afterwards: so a
  /// damage elsewhere in the journal is nobody's failure here.
  void scan(const std::vector<waiting>& together) {
    boost::unordered_flat_map<std::string_view, std::size_t> by_key;
    by_key.reserve(together.size());
    for (const auto& next : together) by_key.emplace(wanted_[next.index].key, next.index);
    static_cast<void>(source_.scan(together.back().start, [&](const record& stored) {
      const auto found = by_key.find(stored.entity);
      if (found == by_key.end()) return true;
      const std::size_t index = found->second;
      auto& recovery = *under_way_[index];
      if (stored.version < recovery.next()) return true;
      if (stored.version > recovery.next()) { // its snapshot names a wrong place
        by_key.erase(found);
      } else if (auto failure =
                     without_throwing(wanted_[index].key, [&] { return recovery.follow(stored); });
                 !failure.ok() || recovery.complete()) {
        by_key.erase(found);
        end(index, std::move(failure));
      }
      return !by_key.empty();
    }));
  }

  void read_alone(std::size_t index) {
    const auto& wanted = wanted_[index];
    auto& recovery = under_way_[index];
    end(index, without_throwing(wanted.key, [&] {
          recovery.emplace(*wanted.type, wanted.key); // anew: a scan may have left it halfway
          auto read = recovery->begin(source_, version_max);
          return read.ok() ? recovery->read(source_) : read;
        }));
  }

  void end(std::size_t index, status failure) {
    recovered_entity made;
    made.failure = std::move(failure);
    auto& recovery = under_way_[index];
    if (made.failure.ok()) {
      made.snapshot = recovery->snapshot();
      made.failure = recovery->finish(made.entity);
    }
    if (!made.failure.ok()) made.entity.reset();
    recovery.reset();
    give_(index, std::move(made));
  }

  const journal& source_;
  const std::vector<wanted_entity>& wanted_;
  const giver& give_;
  std::vector<std::optional<entity_recovery>> under_way_;
  std::vector<waiting> few_;
  std::vector<waiting> many_;
};

} // namespace

void recover_entities(const journal& source, const std::vector<wanted_entity>& wanted,
                      const std::function<void(std::size_t, recovered_entity)>& give) {
  group_recovery(source, wanted, give).run();
}

} // namespace cairn::persistence
