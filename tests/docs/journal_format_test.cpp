// The worked examples of bodies in docs/journal-format.md, read from there and compared with what the
// code writes. A change of these bytes is a change of the format.

#include <cairn/journal.hpp>

#include "entities/live_entity.hpp"
#include "persistence/replay/recovery.hpp"
#include "wallet.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <memory>
#include <string>

namespace {

constexpr std::string_view earned_json = R"({"amount":100})";

/// The bytes of the fenced block below `heading`: hexadecimal digits, up to the first two spaces
/// that are not the line's indentation.
std::string documented(const std::string& heading) {
  std::ifstream in(CAIRN_SOURCE_DIR "/docs/journal-format.md");
  std::string line;
  while (std::getline(in, line) && line != heading) {
  }
  while (std::getline(in, line) && line != "```") {
  }
  std::string digits;
  while (std::getline(in, line) && line != "```") {
    const auto first = line.find_first_not_of(' ');
    for (const char byte : line.substr(first, line.find("  ", first) - first))
      if (byte != ' ') digits += byte;
  }
  return digits;
}

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(byte) >> 4U];
    text += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

TEST(JournalFormat, BodyOfAChangeIsAsDocumented) {
  cairn::change made;
  made.cause.command = "earn";
  made.cause.id = "q-1";
  made.cause.content = cairn::hash_content("earn", earned_json);
  made.cause.meta = {{"principal", "ann"}};
  made.events.push_back({"earned", 1, std::string(earned_json)});
  std::string body;
  cairn::encode_change_body(body, made);
  EXPECT_EQ(hex(body), documented("### Worked example of a change"));
}

TEST(JournalFormat, BodyOfASnapshotIsAsDocumented) {
  cairn::live_entity entity(cairn::type_descriptor<wallet>());
  entity.begin_change();
  EXPECT_TRUE(entity.apply("earned", 1, earned_json).ok());
  entity.end_change(1, false);
  auto known = std::make_shared<cairn::remembered_command>();
  known->id = "q-1";
  known->content = cairn::hash_content("earn", earned_json);
  known->version = 1;
  entity.ids().remember(known);
  std::string body;
  cairn::json::problem wrong;
  ASSERT_TRUE(cairn::persistence::encode_snapshot(body, entity, wrong)) << wrong.text();
  EXPECT_EQ(hex(body), documented("### Worked example of a snapshot"));
}

} // namespace
