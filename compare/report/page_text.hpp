#pragma once

#include <string_view>

namespace cairn::compare {

/// The files that the page is made of, as they were when this was built.
struct page_text {
  static std::string_view frame();   ///< page/page.html, with `@@name@@` for the others
  static std::string_view style();   ///< page/page.css
  static std::string_view library(); ///< Chart.js
  static std::string_view data();    ///< page/data.js
  static std::string_view drawing(); ///< page/charts.js
  static std::string_view page();    ///< page/page.js
};

} // namespace cairn::compare
