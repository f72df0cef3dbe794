// The page in a real browser, Chromium without a window: no error, nothing loaded, every chart with its data, and
// with its numbers where the pointer is. Without Chromium on the machine it is skipped.
#include "compare/report/output.hpp"
#include "tests/compare/sample_report.hpp"
#include "tests/support/process_child.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace cairn::compare {
namespace {

constexpr auto chromium = "/usr/bin/chromium";

/// What waits for the next frame gets it at once: a page that is only read out draws none.
constexpr auto frames = R"(<head><script>
window.requestAnimationFrame = call => { call(performance.now()); return 1; };
</script>)";

/// Moves the pointer over a point of every chart and writes down what the chart says then.
constexpr auto probe = R"(<script>
const found = [];
for (const chart of window.cairnCharts) {
  const points = chart.data.datasets.map((series, index) => chart.getDatasetMeta(index).data.filter(
      (point, at) => series.data[at] !== null && series.data[at] !== undefined)).flat();
  const box = chart.canvas.getBoundingClientRect();
  const at = points.length > 0 ? points[0].getCenterPoint() : {x: 0, y: 0};
  chart.canvas.dispatchEvent(new MouseEvent('mousemove',
      {clientX: box.left + at.x, clientY: box.top + at.y, bubbles: true}));
  found.push({label: chart.canvas.getAttribute('aria-label'), points: points.length, width: box.width,
              says: (chart.tooltip.body || []).flatMap(part => part.lines).join('; ')});
}
const result = document.createElement('pre');
result.textContent = '[[' + JSON.stringify({charts: found,
    loaded: performance.getEntriesByType('resource').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    machine: document.getElementById('facts').textContent}) + ']]';
document.body.append(result);
</script></body>)";

class Page : public ::testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(chromium)) GTEST_SKIP() << chromium << " is not installed";
  }

  /// The page with the probe, as the browser has it after it ran.
  process_result browse(int width) {
    auto page = to_html(sample_report());
    page.replace(page.find("<head>"), std::string("<head>").size(), frames);
    const auto end = page.rfind("</body>");
    page.replace(end, std::string("</body>").size(), probe);
    std::ofstream(directory_ / "page.html") << page;
    process_options options;
    options.arguments = {"--headless",
                         "--no-sandbox",
                         "--disable-gpu",
                         "--disable-quic",
                         "--no-first-run",
                         "--disable-background-networking",
                         "--disable-component-update",
                         "--disable-sync",
                         "--enable-logging=stderr",
                         "--user-data-dir=" + (directory_ / "profile"),
                         "--window-size=" + std::to_string(width) + ",900",
                         "--dump-dom",
                         "file://" + (directory_ / "page.html")};
    return run_process(chromium, options);
  }

  process_directory directory_;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

/// The probe's JSON out of the page's text, where `&`, `<` and `>` are written in full.
boost::json::object probed(const std::string& dom) {
  const auto start = dom.rfind("[[{");
  const auto end = dom.rfind("}]]");
  if (start == std::string::npos || end == std::string::npos) return {};
  auto text = dom.substr(start + 2, end - start - 1);
  for (const auto& [written, meant] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (auto at = text.find(written); at != std::string::npos; at = text.find(written)) {
      text.replace(at, std::string(written).size(), meant);
    }
  }
  return boost::json::parse(text).as_object();
}

TEST_P(Page, HasEveryChartWithItsDataAndItsNumbersAndLoadsNothing) {
  const auto ended = browse(GetParam());
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_EQ(ended.errors.find("CONSOLE"), std::string::npos) << ended.errors;
  const auto dom = joined(ended.lines);
  const auto found = probed(dom);
  ASSERT_TRUE(found.contains("charts"))
      << dom.substr(dom.size() - std::min<std::size_t>(dom.size(), 1'000));
  EXPECT_EQ(found.at("loaded").to_number<int>(), 0);
  EXPECT_LE(found.at("overflow").to_number<int>(), 0);
  EXPECT_NE(found.at("machine").as_string().find("</script><!-- & \"quotes\""), std::string::npos);
  const auto& charts = found.at("charts").as_array();
  // The map and its square, five figures by clients, skew, think time and of the preset, and the model's error.
  EXPECT_EQ(charts.size(), 2U + 4U * 5U + 1U);
  for (const auto& one : charts) {
    const auto& label = one.at("label").as_string();
    EXPECT_GT(one.at("points").to_number<int>(), 0) << label;
    EXPECT_GT(one.at("width").to_number<double>(), 200) << label;
    const std::string says(one.at("says").as_string());
    EXPECT_NE(says.find_first_of("0123456789"), std::string::npos) << label << " says: " << says;
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Page, ::testing::Values(1400, 500));

} // namespace
} // namespace cairn::compare
