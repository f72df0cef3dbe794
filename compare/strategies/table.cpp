#include "compare/plan/strategy.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace cairn::compare {

namespace {

constexpr std::size_t moments = static_cast<std::size_t>(moment::conflict) + 1;
using way = std::array<step, moments>;

/// What the client does then; at any other moment it is done.
constexpr way on(std::initializer_list<std::pair<moment, step>> steps) {
  way made{};
  for (const auto& [when, next] : steps) made[static_cast<std::size_t>(when)] = next;
  return made;
}

struct row {
  std::string_view name;
  std::string_view what;
  way steps;
  place where = place::entities;
  bool loses_updates = false;
  bool decides_on_seen = true;
  bool informed = false;
  bool needs_parts = false;
};

/// All strategies, in the order in which they are shown.
constexpr row table[] = {
    {.name = "single-writer",
     .what = "sends a relative command without expectation",
     .steps = on({{moment::wanted, think}, {moment::thought, send(form::relative, check::none)}}),
     .decides_on_seen = false},
    {.name = "optimistic",
     .what = "reads, thinks, sends at the version seen; on conflict reads again and retries",
     .steps = on({{moment::wanted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::absolute, check::version)},
                  {moment::conflict, read_entity}})},
    {.name = "optimistic-informed",
     .what = "as optimistic, but retries from the state that the conflict brought",
     .steps = on({{moment::wanted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::absolute, check::version)},
                  {moment::conflict, think}}),
     .informed = true},
    {.name = "aspects",
     .what = "as optimistic, but conflicts only with commands on the same part of the entity",
     .steps = on({{moment::wanted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::absolute, check::aspect)},
                  {moment::conflict, read_entity}}),
     .needs_parts = true},
    {.name = "merge",
     .what = "as optimistic, but the entity merges commands that commute with what was missed",
     .steps = on({{moment::wanted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::relative, check::merged)},
                  {moment::conflict, read_entity}}),
     .decides_on_seen = false},
    {.name = "lease",
     .what = "takes a lease on the entity, reads, thinks, sends, releases: nobody else may send "
             "meanwhile",
     .steps = on({{moment::wanted, acquire_lease},
                  {moment::busy, wait_a_while},
                  {moment::waited, acquire_lease},
                  {moment::granted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::absolute, check::lease)},
                  {moment::accepted, release_lease}})},
    {.name = "store-optimistic",
     .what = "has no entities: threads load, decide and append to the store at the version loaded, "
             "and retry",
     .steps = on({{moment::wanted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::absolute, check::version)},
                  {moment::conflict, read_entity}}),
     .where = place::store},
    {.name = "overwrite",
     .what = "reads, thinks, sends the result without a check: what happens without protection",
     .steps = on({{moment::wanted, read_entity},
                  {moment::seen, think},
                  {moment::thought, send(form::absolute, check::none)}}),
     .loses_updates = true},
};

class listed_strategy final : public strategy {
public:
  explicit listed_strategy(const row& from) noexcept : row_(&from) {}

  std::string_view name() const noexcept override { return row_->name; }
  std::string_view what() const noexcept override { return row_->what; }
  step next(moment now) const noexcept override {
    return row_->steps[static_cast<std::size_t>(now)];
  }
  place where() const noexcept override { return row_->where; }
  bool loses_updates() const noexcept override { return row_->loses_updates; }
  bool decides_on_seen() const noexcept override { return row_->decides_on_seen; }
  bool informed() const noexcept override { return row_->informed; }
  bool needs_parts() const noexcept override { return row_->needs_parts; }

private:
  const row* row_;
};

} // namespace

const std::vector<const strategy*>& all_strategies() {
  static const std::vector<listed_strategy> listed(std::begin(table), std::end(table));
  static const std::vector<const strategy*> all = [] {
    std::vector<const strategy*> made;
    made.reserve(listed.size());
    for (const auto& one : listed) made.push_back(&one);
    return made;
  }();
  return all;
}

const strategy* find_strategy(std::string_view name) {
  const auto& all = all_strategies();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const strategy* one) { return one->name() == name; });
  return found == all.end() ? nullptr : *found;
}

bool is_asked_for(const strategy& one, const settings& how) {
  const auto& names = how.strategies;
  return names.empty() || std::find(names.begin(), names.end(), one.name()) != names.end();
}

} // namespace cairn::compare
