// docs/operate.md has every metric that a world exports and none that it does not, the same of its events, and its
// line of the log is one.

#include <cairn/cairn.hpp>

#include "tests/support/scrape.hpp"
#include "wallet.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

std::string operating_text() {
  std::ifstream in(std::filesystem::path(CAIRN_SOURCE_DIR) / "docs/operate.md");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

using metric_words = std::set<std::string>;

/// What the first cells of tables are, of those that begin with `prefix` and are nothing but a name.
metric_words described(const std::string& text, const std::string& prefix) {
  metric_words found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto end = line.find("` |");
    if (line.starts_with("| `" + prefix) && end != std::string::npos) {
      const auto name = line.substr(3, end - 3);
      if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) {
        EXPECT_TRUE(found.insert(name).second) << name << " is described twice";
      }
    }
  }
  return found;
}

/// Every name of a metric that the text has anywhere, without what a histogram's lines add to it.
metric_words mentioned(const std::string& text) {
  metric_words found;
  for (auto at = text.find("cairn_"); at != std::string::npos; at = text.find("cairn_", at)) {
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
    auto name = text.substr(at, end - at);
    for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
      if (name.ends_with(suffix)) {
        name.resize(name.size() - suffix.size());
      }
    }
    found.insert(name);
    at = end;
  }
  return found;
}

} // namespace

TEST(MetricsDocumented, EachMetricOfAWorldIsDescribedAndNoOther) {
  cairn::world world;
  world.host<wallet>();
  const auto exported = cairn::testing::scraped(world.metrics()).families();
  const auto text = operating_text();
  EXPECT_EQ(described(text, "cairn_"), exported);
  EXPECT_EQ(mentioned(text), exported) << "a name that is mentioned exists";
  EXPECT_GT(exported.size(), 20U);
}

TEST(MetricsDocumented, EachStageIsDescribedAndEachLabelThatIsNamedExists) {
  cairn::world world;
  world.host<wallet>();
  const auto metrics = world.metrics();
  for (const char* named :
       {"stage=\"mailbox\"", "stage=\"decide\"", "stage=\"batch_wait\"", "stage=\"sync\"",
        "stage=\"load\"", "outcome=\"unmatched\"", "kind=\"ahead\"", "of=\"transaction\"",
        "of=\"lease\"", "of=\"reads\"", "state=\"stopped\"", "limit=\"batch_changes_max\"",
        "error=\"other\""}) {
    EXPECT_NE(metrics.find(named), std::string::npos) << named;
    const std::string_view label(named);
    const auto word = label.substr(label.find('"') + 1, label.size() - label.find('"') - 2);
    EXPECT_NE(operating_text().find("`" + std::string(word) + "`"), std::string::npos) << word;
  }
}

// What is said of a full mailbox is what a world says.
TEST(MetricsDocumented, TheLineOfTheLogIsWhatAWorldWrites) {
  const auto text = operating_text();
  const auto begin = text.find("{\"time\":");
  ASSERT_NE(begin, std::string::npos);
  const auto shown = text.substr(begin, text.find('\n', begin) - begin);
  std::vector<std::string> lines;
  cairn::world_options options;
  options.clock = [] { return cairn::time_point(std::chrono::seconds(1'780'251'600)); };
  options.limits.mailbox_max = 0;
  options.log = {cairn::log_level::warning,
                 [&](std::string_view line) { lines.emplace_back(line); }};
  cairn::world world(std::move(options));
  world.host<wallet>();
  EXPECT_FALSE(world.entity<wallet>("alice").send(wallet::earn{1}).get());
  ASSERT_EQ(lines.size(), 1U);
  const auto names = [](const std::string& line) {
    std::vector<std::string> all;
    const auto parsed = boost::json::parse(line);
    for (const auto& member : parsed.as_object()) all.emplace_back(member.key());
    return all;
  };
  EXPECT_EQ(names(lines[0]), names(shown));
  EXPECT_EQ(lines[0].substr(0, lines[0].find("\"entity\"")),
            shown.substr(0, shown.find("\"entity\"")));
}

TEST(MetricsDocumented, EachEventOfTheLogIsDescribedAndNoOther) {
  std::string sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(CAIRN_SOURCE_DIR) / "runtime")) {
    if (!entry.is_regular_file()) {
      continue;
    }
    std::ifstream in(entry.path());
    std::ostringstream text;
    text << in.rdbuf();
    sources += text.str();
  }
  metric_words written;
  for (auto at = sources.find("log_level::"); at != std::string::npos;
       at = sources.find("log_level::", at + 1)) {
    // `log_level::warning, "rebuilt"`: the level and the event stand side by side.
    const auto comma = sources.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 11);
    if (sources.compare(comma, 3, ", \"") == 0) {
      const auto end = sources.find('"', comma + 3);
      written.insert(sources.substr(comma + 3, end - comma - 3));
    }
  }
  // Those of what users' code threw are named in one place: `return "tick_threw";`.
  for (auto at = sources.find("_threw\";"); at != std::string::npos;
       at = sources.find("_threw\";", at + 1)) {
    const auto begin = sources.rfind('"', at) + 1;
    written.insert(sources.substr(begin, at + 6 - begin));
  }
  EXPECT_GE(written.size(), 8U);
  const auto text = operating_text();
  const auto table = text.find("| event |");
  ASSERT_NE(table, std::string::npos);
  EXPECT_EQ(described(text.substr(table, text.find("\n\n", table) - table), ""), written);
}
