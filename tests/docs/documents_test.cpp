// What the documents show is what is compiled, run and compared here: each block of C++ is a region
// of the tests beside this file, the README's entity is the quickstart, and the guide's dialogue is
// held with the program.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path source_directory = CAIRN_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct block {
  std::size_t line = 0; ///< Of the document, where it begins.
  std::string text;
};

/// Fenced blocks of `language` in a document.
std::vector<block> blocks_of(const fs::path& document, const std::string& language) {
  std::vector<block> blocks;
  bool inside = false;
  std::size_t number = 0;
  for (const auto& line : lines_of(text_of(source_directory / document))) {
    ++number;
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().text += line + '\n';
    } else if (line == "```" + language) {
      inside = true;
      blocks.push_back({number, {}});
    }
  }
  EXPECT_FALSE(inside) << document << " ends inside a block";
  return blocks;
}

/// A document without its fenced blocks.
std::string prose_of(const fs::path& document) {
  std::string text;
  bool inside = false;
  for (const auto& line : lines_of(text_of(source_directory / document))) {
    if (line.starts_with("```")) inside = !inside;
    if (!inside) text += line + '\n';
  }
  return text;
}

/// The guide's pages, by their paths in the repository, in order.
std::vector<fs::path> pages_of_guide() {
  std::vector<fs::path> pages;
  for (const auto& entry : fs::directory_iterator(source_directory / "docs/guide")) {
    if (entry.path().extension() == ".md")
      pages.push_back(fs::path("docs/guide") / entry.path().filename());
  }
  std::sort(pages.begin(), pages.end());
  EXPECT_GT(pages.size(), 5U);
  return pages;
}

std::string dedented(const std::vector<std::string>& lines) {
  std::size_t indent = std::string::npos;
  for (const auto& line : lines) {
    const auto first = line.find_first_not_of(' ');
    if (first != std::string::npos) indent = std::min(indent, first);
  }
  std::string text;
  for (const auto& line : lines) text += (line.empty() ? line : line.substr(indent)) + '\n';
  return text;
}

/// Regions by name: the lines from `// [name]` to `// [/name]`.
std::map<std::string, std::string> regions_of(const fs::path& file) {
  std::map<std::string, std::string> regions;
  std::map<std::string, std::vector<std::string>> open;
  for (const auto& line : lines_of(text_of(file))) {
    const auto first = line.find_first_not_of(' ');
    const std::string text = first == std::string::npos ? "" : line.substr(first);
    const bool marks = text.starts_with("// [") && text.ends_with("]");
    if (marks && text[4] == '/') {
      const auto name = text.substr(5, text.size() - 6);
      EXPECT_EQ(open.count(name), 1U) << file << ": " << text << " without its beginning";
      regions[name] = dedented(open[name]);
      open.erase(name);
    } else if (marks) {
      open[text.substr(4, text.size() - 5)] = {};
    } else {
      for (auto& [name, lines] : open) lines.push_back(line);
    }
  }
  EXPECT_TRUE(open.empty()) << file << ": " << (open.empty() ? "" : open.begin()->first)
                            << " has no end";
  return regions;
}

std::map<std::string, std::string> all_regions() {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::directory_iterator(source_directory / "tests/docs")) {
    for (auto& [name, text] : regions_of(entry.path())) {
      EXPECT_TRUE(all.emplace(name, text).second) << "two regions are named " << name;
    }
  }
  return all;
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](unsigned char byte) { return std::isspace(byte) != 0; });
  return text;
}

TEST(Documents, EachBlockOfTheGuideIsARegionOfATestAndEachRegionABlock) {
  auto regions = all_regions();
  for (const auto& page : pages_of_guide()) {
    for (const auto& shown : blocks_of(page, "cpp")) {
      const auto found = std::find_if(regions.begin(), regions.end(), [&](const auto& region) {
        return region.second == shown.text;
      });
      if (found == regions.end()) {
        ADD_FAILURE() << page.string() << ":" << shown.line
                      << ": no region of tests/docs has this text:\n"
                      << shown.text;
      } else {
        regions.erase(found);
      }
    }
  }
  for (const auto& [name, text] : regions)
    ADD_FAILURE() << "the guide does not show region " << name;
}

/// What is read in ten minutes, roughly.
TEST(Documents, APageOfTheGuideIsReadInTenMinutes) {
  for (const auto& page : pages_of_guide()) {
    std::istringstream words(text_of(source_directory / page));
    const auto count = std::distance(std::istream_iterator<std::string>(words),
                                     std::istream_iterator<std::string>());
    EXPECT_LE(count, 2'000) << page;
  }
}

// White space apart: the README takes fewer lines than the formatter does.
TEST(Documents, TheReadmesEntityIsTheQuickstart) {
  const auto quickstart =
      without_spaces(text_of(source_directory / "examples/quickstart/main.cpp"));
  const auto blocks = blocks_of("README.md", "cpp");
  ASSERT_EQ(blocks.size(), 2U);
  for (const auto& shown : blocks) {
    EXPECT_NE(quickstart.find(without_spaces(shown.text)), std::string::npos)
        << "README.md:" << shown.line << ": not in examples/quickstart/main.cpp:\n"
        << shown.text;
  }
  EXPECT_TRUE(blocks.front().text.starts_with("#include <cairn/cairn.hpp>"));
  EXPECT_TRUE(without_spaces(blocks.back().text).ends_with("}"));
}

/// Times differ from run to run.
std::string without_times(std::string line) {
  const std::string member = "\"time\":\"";
  for (auto at = line.find(member); at != std::string::npos; at = line.find(member, at)) {
    at += member.size();
    line.erase(at, line.find('"', at) - at);
  }
  return line;
}

// Each block of the guide holds requests and replies in turns; all together they are one dialogue.
TEST(Documents, TheGuidesDialogueIsWhatTheProgramAnswers) {
  const std::string dialogue = "docs/guide/command-line.md";
  std::vector<std::string> requests;
  std::vector<std::string> expected;
  for (const auto& shown : blocks_of(dialogue, "jsonl")) {
    const auto lines = lines_of(shown.text);
    ASSERT_EQ(lines.size() % 2, 0U) << dialogue << ":" << shown.line;
    for (std::size_t i = 0; i < lines.size(); i += 2) {
      requests.push_back(lines[i]);
      expected.push_back(lines[i + 1]);
    }
  }
  ASSERT_GT(requests.size(), 5U);
  std::string pattern = fs::temp_directory_path() / "cairn-docs-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path directory = pattern;
  {
    std::ofstream in(directory / "in");
    for (const auto& request : requests) in << request << '\n';
  }
  const std::string command =
      "'" CAIRN_BINARY_DIR "/cairn' exec --memory < '" + pattern + "/in' > '" + pattern + "/out'";
  const int status = std::system(command.c_str());
  const auto replies = lines_of(text_of(directory / "out"));
  fs::remove_all(directory);
  EXPECT_EQ(WEXITSTATUS(status), 1) << "the dialogue has an invalid line";
  ASSERT_EQ(replies.size(), expected.size());
  for (std::size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(without_times(replies[i]), without_times(expected[i])) << requests[i];
  }
}

/// All documents, by their paths in the repository.
std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(source_directory);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const auto path = entry->path().lexically_relative(source_directory);
    const auto name = path.filename().string();
    if (entry->is_directory() && (name == "build" || name.starts_with("."))) {
      entry.disable_recursion_pending();
    } else if (path.extension() == ".md") {
      found.push_back(path);
    }
  }
  return found;
}

/// What a heading is called in links: small letters, digits, underscores and hyphens, a hyphen for each space.
std::set<std::string> anchors_of(const fs::path& document) {
  std::set<std::string> anchors;
  for (const auto& line : lines_of(prose_of(document))) {
    const auto hashes = line.find_first_not_of('#');
    if (hashes == 0 || hashes == std::string::npos || line[hashes] != ' ') continue;
    std::string anchor;
    for (const unsigned char byte : line.substr(hashes + 1)) {
      if (byte == ' ') {
        anchor += '-';
      } else if (std::isalnum(byte) != 0 || byte == '-' || byte == '_' || byte >= 0x80) {
        anchor += static_cast<char>(std::tolower(byte));
      }
    }
    anchors.insert(anchor);
  }
  return anchors;
}

TEST(Documents, LinksLeadToFilesAndHeadingsThatAreThere) {
  std::size_t checked = 0;
  for (const auto& document : documents()) {
    const auto text = prose_of(document);
    for (auto at = text.find("]("); at != std::string::npos; at = text.find("](", at)) {
      at += 2;
      const auto link = text.substr(at, text.find(')', at) - at);
      if (link.find("://") != std::string::npos) continue;
      const auto hash = link.find('#');
      const auto file = link.substr(0, hash);
      const auto target =
          file.empty() ? document : (document.parent_path() / file).lexically_normal();
      EXPECT_TRUE(fs::exists(source_directory / target)) << document << " links to " << link;
      if (hash != std::string::npos && target.extension() == ".md" &&
          fs::exists(source_directory / target)) {
        EXPECT_TRUE(anchors_of(target).contains(link.substr(hash + 1)))
            << document << " links to " << link;
      }
      ++checked;
    }
  }
  EXPECT_GT(checked, 50U);
}

/// A test that the architecture names as the one that shows an invariant.
TEST(Documents, TheTestsThatTheArchitectureNamesExist) {
  std::string sources;
  for (const auto& entry : fs::recursive_directory_iterator(source_directory / "tests")) {
    if (entry.path().extension() == ".cpp") sources += text_of(entry.path());
  }
  const auto text = text_of(source_directory / "docs/architecture.md");
  std::size_t named = 0;
  for (const auto& line : lines_of(text)) {
    // In the table of invariants tests stand as `Suite.Name`.
    for (auto at = line.find('`'); at != std::string::npos && line.starts_with("| ");) {
      const auto end = line.find('`', at + 1);
      const auto word = line.substr(at + 1, end - at - 1);
      const auto dot = word.find('.');
      const bool is_test = dot != std::string::npos && dot + 1 < word.size() &&
                           std::isupper(static_cast<unsigned char>(word[dot + 1])) != 0;
      if (is_test) {
        const auto suite = word.substr(0, dot);
        const auto name = word.substr(dot + 1);
        EXPECT_NE(sources.find("(" + suite + ", " + name + ")"), std::string::npos) << word;
        ++named;
      }
      at = end == std::string::npos ? end : line.find('`', end + 1);
    }
  }
  EXPECT_GT(named, 15U);
}

} // namespace
