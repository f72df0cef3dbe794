#include "persistence/format/chunk.hpp"

#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace cairn::persistence {
namespace {

using testing::copy_of;
using testing::kept_record;

record make(position_type position, version_type version, std::string_view body) {
  record made;
  made.position = position;
  made.previous = version == 1 ? no_position : position - 1;
  made.entity = "wallet/alice";
  made.version = version;
  made.time_us = 1'700'000'000'000'000;
  made.body = body;
  return made;
}

/// The chunk that docs/journal-format.md takes apart byte by byte.
std::string documented_chunk() {
  chunk_writer writer;
  writer.start(7);
  auto first = make(7, 1, "first");
  auto second = make(8, 2, "second");
  second.time_us += 300;
  second.removes = true;
  EXPECT_TRUE(writer.add(first));
  EXPECT_TRUE(writer.add(second));
  return std::string(writer.finish());
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// docs/journal-format.md, "Worked example": a change of these bytes is a change of the format.
TEST(JournalChunk, BytesAreAsDocumented) {
  EXPECT_EQ(hex(documented_chunk()),
            "01"
            "0200"
            "00401e18240a0600"
            "06"
            "01"
            "00"
            "0c77616c6c65742f616c696365"
            "056669727374"
            "0b"
            "02"
            "01"
            "ac02"
            "067365636f6e64"
            "47bde6a4a75bce89");
}

TEST(JournalChunk, ComesBackAsItWas) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    const position_type first = random() >> (random() % 63);
    std::vector<std::string> texts;
    texts.reserve(400);
    std::vector<kept_record> expected;
    chunk_writer writer;
    writer.start(first);
    std::int64_t time = static_cast<std::int64_t>(random() >> 12) * (random() % 2 == 0 ? 1 : -1);
    for (position_type position = first;; ++position) {
      record next;
      next.position = position;
      next.version = position == 0 ? 1 : 1 + (random() >> (1 + random() % 62)) % version_max;
      next.previous = next.version == 1 ? no_position : random() % position;
      next.entity = texts.emplace_back("w/" + std::to_string(random() % 4));
      next.time_us = time += static_cast<std::int64_t>(random() % 100);
      next.unit_size = 1 + static_cast<std::uint32_t>(random() % 3);
      next.unit_index = position < 3 ? 0 : static_cast<std::uint32_t>(random() % next.unit_size);
      next.removes = random() % 5 == 0;
      next.body = texts.emplace_back(std::string(random() % 500, 'x'));
      if (texts.size() > 390 || !writer.add(next)) break;
      expected.push_back(copy_of(next));
    }
    const std::string bytes(writer.finish());
    EXPECT_LE(bytes.size(), chunk_bytes_max);
    chunk decoded;
    const auto failure = decoded.decode(first, bytes);
    ASSERT_TRUE(failure.ok()) << failure.message;
    std::vector<kept_record> found;
    for (const auto& next : decoded.records()) found.push_back(copy_of(next));
    EXPECT_EQ(found, expected);
  }
}

TEST(JournalChunk, TakesOneChangeOfAnySizeAndNothingBesideIt) {
  chunk_writer writer;
  writer.start(0);
  const std::string body(3 * chunk_bytes_max, 'x');
  EXPECT_TRUE(writer.add(make(0, 1, body)));
  EXPECT_FALSE(writer.add(make(1, 2, "")));
  chunk decoded;
  ASSERT_TRUE(decoded.decode(0, writer.finish()).ok());
  EXPECT_EQ(decoded.at(0).body, body);
}

// Invariant 9.
TEST(JournalChunk, EveryFlippedBitAndEveryCutIsNoticed) {
  const auto whole = documented_chunk();
  chunk decoded;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decoded.decode(7, damaged).ok()) << bit;
    EXPECT_TRUE(decoded.records().empty());
  }
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decoded.decode(7, whole.substr(0, size)).ok());
  EXPECT_FALSE(decoded.decode(7, whole + 'x').ok());
  EXPECT_FALSE(decoded.decode(8, whole).ok()) << "under another position";
  EXPECT_TRUE(decoded.decode(7, whole).ok());
}

} // namespace
} // namespace cairn::persistence
