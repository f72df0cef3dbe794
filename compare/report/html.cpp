#include "compare/report/output.hpp"
#include "compare/report/page_text.hpp"

#include <string>
#include <string_view>

namespace cairn::compare {

namespace {

/// A browser ends a script at `</script`, also within its text. In JSON a `<` stands in texts only.
std::string inside_script(const std::string& json) {
  std::string out;
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

void fill_in(std::string& page, std::string_view name, std::string_view text) {
  const std::string mark = "@@" + std::string(name) + "@@";
  page.replace(page.find(mark), mark.size(), text);
}

} // namespace

std::string to_html(const report& shown) {
  std::string script(page_text::data());
  script.append(page_text::drawing());
  script.append(page_text::page());
  std::string page(page_text::frame());
  // Last to first: what is filled in is not searched again.
  fill_in(page, "script", script);
  fill_in(page, "library", page_text::library());
  fill_in(page, "report", inside_script(to_json(shown)));
  fill_in(page, "style", page_text::style());
  return page;
}

} // namespace cairn::compare
