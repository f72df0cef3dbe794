#include "runtime/watch/metric_families.hpp"

#include "runtime/watch/world_metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <initializer_list>
#include <limits>
#include <string_view>
#include <vector>

namespace cairn::runtime {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using families = std::vector<MetricFamily>;
using label = ClientMetric::Label;
using counted = type_counts;

constexpr double ns_per_second = 1e9;

constexpr conflict_kind all_kinds[] = {conflict_kind::stale,   conflict_kind::ahead,
                                       conflict_kind::exists,  conflict_kind::absent,
                                       conflict_kind::deleted, conflict_kind::leased};
constexpr conflict_kind unavailable_kinds[] = {conflict_kind::absent, conflict_kind::deleted,
                                               conflict_kind::leased};
static_assert(std::size(all_kinds) == counted::conflict_kinds);

/// The families made so far; values go to the last one.
class family_list {
public:
  void begin(std::string name, std::string help, MetricType type) {
    made_.push_back({std::move(name), std::move(help), type, {}});
  }
  bool is_in(std::string_view name) const { return !made_.empty() && made_.back().name == name; }

  void count(std::uint64_t value, std::initializer_list<label> labels) {
    add(labels).counter.value = static_cast<double>(value);
  }

  ClientMetric& add(std::initializer_list<label> labels) {
    auto& made = made_.back().metric.emplace_back();
    made.label = labels;
    return made;
  }

  families take() { return std::move(made_); }

private:
  families made_;
};

std::string text(std::string_view word) { return std::string(word); }

std::uint64_t of_kind(const counted::totals& totals, counted::what first, conflict_kind kind) {
  return totals[first + static_cast<std::size_t>(kind)];
}

std::uint64_t of_all_kinds(const counted::totals& totals, counted::what first) {
  std::uint64_t sum = 0;
  for (const auto kind : all_kinds) {
    sum += of_kind(totals, first, kind);
  }
  return sum;
}

using counted_types = std::vector<world_metrics::counted_type>;

void put_commands(family_list& to, const counted_types& types) {
  to.begin("cairn_commands_total", "Commands that were answered, those in transactions left out.",
           MetricType::Counter);
  for (const auto& [type, totals] : types) {
    const auto put = [&to, &type = type](const char* outcome, std::uint64_t value) {
      to.count(value, {{"type", type}, {"outcome", outcome}});
    };
    put("accepted", totals[counted::accepted]);
    put("conflict", of_all_kinds(totals, counted::conflicts));
    put("unavailable", of_all_kinds(totals, counted::unavailables));
    put("rejected", totals[counted::rejected]);
    put("failed", totals[counted::failed]);
    put("unmatched", totals[counted::unmatched]);
  }
  to.begin("cairn_commands_duplicate_total",
           "Accepted commands that only got the first answer to their id again.",
           MetricType::Counter);
  for (const auto& [type, totals] : types) {
    to.count(totals[counted::duplicate], {{"type", type}});
  }
  to.begin("cairn_commands_merged_total", "Accepted commands that were stale and were merged.",
           MetricType::Counter);
  for (const auto& [type, totals] : types) {
    to.count(totals[counted::merged], {{"type", type}});
  }
}

void put_refusals(family_list& to, const counted_types& types) {
  to.begin("cairn_conflicts_total", "Expectations that did not hold.", MetricType::Counter);
  for (const auto& [type, totals] : types) {
    for (const auto kind : all_kinds) {
      to.count(of_kind(totals, counted::conflicts, kind),
               {{"type", type}, {"kind", text(to_string(kind))}, {"of", "command"}});
      to.count(of_kind(totals, counted::item_conflicts, kind),
               {{"type", type}, {"kind", text(to_string(kind))}, {"of", "transaction"}});
    }
    for (const auto kind : unavailable_kinds) { // what stands in a lease's way is the same
      to.count(of_kind(totals, counted::lease_conflicts, kind),
               {{"type", type}, {"kind", text(to_string(kind))}, {"of", "lease"}});
    }
  }
  to.begin("cairn_unavailable_total",
           "Commands without expectation that met an entity that is not there to take them.",
           MetricType::Counter);
  for (const auto& [type, totals] : types) {
    for (const auto kind : unavailable_kinds) {
      to.count(of_kind(totals, counted::unavailables, kind),
               {{"type", type}, {"kind", text(to_string(kind))}});
    }
  }
}

void put_other_requests(family_list& to, const counted_types& types) {
  to.begin("cairn_reads_total", "Reads that were answered.", MetricType::Counter);
  for (const auto& [type, totals] : types) {
    to.count(totals[counted::read], {{"type", type}, {"outcome", "read"}});
    to.count(totals[counted::read_failed], {{"type", type}, {"outcome", "failed"}});
  }
  to.begin("cairn_leases_total", "Leases that were asked for, renewed or given back.",
           MetricType::Counter);
  for (const auto& [type, totals] : types) {
    to.count(totals[counted::leased], {{"type", type}, {"outcome", "leased"}});
    to.count(of_all_kinds(totals, counted::lease_conflicts),
             {{"type", type}, {"outcome", "conflict"}});
    to.count(totals[counted::lease_failed], {{"type", type}, {"outcome", "failed"}});
  }
}

void put_transactions(family_list& to, const world_metrics& metrics, const counted_types& types) {
  to.begin("cairn_transactions_total", "Transactions that were answered.", MetricType::Counter);
  for (const bool of_commands : {true, false}) {
    const auto& counts = metrics.transactions(of_commands);
    const auto put = [&](const char* outcome, const std::atomic<std::uint64_t>& value) {
      to.count(value.load(std::memory_order_relaxed),
               {{"of", of_commands ? "commands" : "reads"}, {"outcome", outcome}});
    };
    put("accepted", counts.accepted);
    put("conflict", counts.conflict);
    put("rejected", counts.rejected);
    put("failed", counts.failed);
  }
  to.begin("cairn_transaction_commands_total",
           "Commands in transactions, by how their transaction ended.", MetricType::Counter);
  for (const auto& [type, totals] : types) {
    const auto put = [&to, &type = type](const char* outcome, std::uint64_t value) {
      to.count(value, {{"type", type}, {"outcome", outcome}});
    };
    put("accepted", totals[counted::transaction_accepted]);
    put("conflict", totals[counted::transaction_conflict]);
    put("rejected", totals[counted::transaction_rejected]);
    put("failed", totals[counted::transaction_failed]);
  }
}

void put_failures(family_list& to, const failure_counts& failures) {
  to.begin("cairn_failures_total", "Requests of every sort that failed.", MetricType::Counter);
  failures.visit([&](const std::string& word, std::uint64_t value) {
    to.count(value, {{"error", word}});
  });
}

void put_thrown(family_list& to, const thrown_counts& thrown) {
  to.begin("cairn_user_code_threw_total", "Times that code of the program's own threw.",
           MetricType::Counter);
  for (std::size_t i = 0; i < user_codes; ++i) {
    const auto code = static_cast<user_code>(i);
    to.count(thrown.of(code), {{"code", text(to_string(code))}});
  }
}

/// `scale` units of the histogram are one of what is shown.
template <std::size_t Bounds>
void put_histogram(ClientMetric& to, const histogram<Bounds>& from, double scale) {
  auto& shown = to.histogram;
  for (std::size_t i = 0; i < Bounds; ++i) {
    shown.sample_count += from.counted(i);
    shown.bucket.push_back({shown.sample_count, static_cast<double>(from.upper()[i]) / scale});
  }
  shown.sample_count += from.counted(Bounds);
  shown.bucket.push_back({shown.sample_count, std::numeric_limits<double>::infinity()});
  shown.sample_sum = static_cast<double>(from.sum()) / scale;
}

void put_times_and_sizes(family_list& to, const world_metrics& metrics) {
  to.begin(
      "cairn_stage_seconds",
      "Where time goes; of mailbox, decide and batch_wait about one command in 64 is measured.",
      MetricType::Histogram);
  for (const auto what :
       {stage::mailbox, stage::decide, stage::batch_wait, stage::sync, stage::load}) {
    put_histogram(to.add({{"stage", text(to_string(what))}}), metrics.stages().of(what),
                  ns_per_second);
  }
  to.begin("cairn_batch_changes", "Changes in each batch that was committed.",
           MetricType::Histogram);
  put_histogram(to.add({}), metrics.batches(), 1);
  to.begin("cairn_commit_line_requests",
           "Requests that the running write answers, and those that did not fit into it.",
           MetricType::Gauge);
  to.add({}).gauge.value = static_cast<double>(metrics.commit_line());
}

void put_numbers(family_list& to, const world_metrics& metrics) {
  for (const auto& [number, value] : metrics.numbers()) {
    const bool is_counter = number->what == kept_number::kind::counter;
    if (!to.is_in(number->name)) {
      to.begin(number->name, number->help, is_counter ? MetricType::Counter : MetricType::Gauge);
    }
    const auto& [name, word] = number->label;
    auto& shown = name.empty() ? to.add({}) : to.add({{name, word}});
    (is_counter ? shown.counter.value : shown.gauge.value) = value;
  }
}

families families_of(const world_metrics& metrics) {
  family_list made;
  const auto types = metrics.types();
  put_commands(made, types);
  put_refusals(made, types);
  put_other_requests(made, types);
  put_transactions(made, metrics, types);
  put_failures(made, metrics.failures());
  put_thrown(made, metrics.thrown());
  put_times_and_sizes(made, metrics);
  put_numbers(made, metrics);
  return made.take();
}

} // namespace

std::string metrics_text(const world_metrics& metrics) {
  return prometheus::TextSerializer().Serialize(families_of(metrics));
}

} // namespace cairn::runtime
