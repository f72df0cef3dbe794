// The body of a change: what was encoded decodes, and damaged bytes are an error with a place,
// never a crash or another change.

#include <cairn/detail/change.hpp>

#include "entities/bytes.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

change full_change() {
  change made;
  made.entity = "wallet/alice";
  made.position = 5;
  made.version = 2;
  made.previous = 3;
  made.aspects = {"gold"};
  made.events = {{"spent", 2, R"({"n":1})"}, {"noted", 300, "{}"}};
  made.cause = {"spend", "c-1", {}, {{"who", "x"}}, "7", "{}"};
  made.cause.content = hash_content("spend", "{}");
  return made;
}

record record_of(const change& source, const std::string& body) {
  record made;
  made.entity = source.entity;
  made.position = source.position;
  made.previous = source.previous;
  made.version = source.version;
  made.body = body;
  return made;
}

std::string encoded(const change& source) {
  std::string body;
  encode_change_body(body, source);
  return body;
}

TEST(ChangeBody, DecodesToWhatWasEncoded) {
  const auto source = full_change();
  const auto body = encoded(source);
  change read;
  ASSERT_TRUE(decode_change(record_of(source, body), read).ok());
  EXPECT_EQ(encoded(read), body);
  EXPECT_EQ(read.events.at(1).schema, 300U);
  EXPECT_EQ(read.events.at(0).data, R"({"n":1})");
  EXPECT_EQ(read.cause.meta, source.cause.meta);
  EXPECT_EQ(read.cause.reply, "7");
  EXPECT_EQ(read.cause.content, source.cause.content);
  EXPECT_EQ(read.aspects, source.aspects);
}

TEST(ChangeBody, EveryPartMayBeLeftOut) {
  for (int parts = 0; parts < 16; ++parts) {
    auto source = full_change();
    if ((parts & 1) == 0) source.cause.id.clear();
    if ((parts & 2) == 0) source.cause.meta.clear();
    if ((parts & 4) == 0) source.cause.reply.reset();
    if ((parts & 8) == 0) source.aspects.clear();
    const auto body = encoded(source);
    change read;
    ASSERT_TRUE(decode_change(record_of(source, body), read).ok()) << parts;
    EXPECT_EQ(encoded(read), body) << parts;
  }
}

TEST(ChangeBody, CutAnywhereIsDamage) {
  const auto source = full_change();
  const auto body = encoded(source);
  for (std::size_t size = 0; size < body.size(); ++size) {
    change read;
    const auto cut = body.substr(0, size);
    const auto result = decode_change(record_of(source, cut), read);
    EXPECT_EQ(result.error, journal_errc::damaged) << size;
    EXPECT_NE(result.message.find("change 5 (wallet/alice version 2)"), std::string::npos);
  }
}

TEST(ChangeBody, LongerThanItSaysIsDamage) {
  const auto source = full_change();
  change read;
  EXPECT_EQ(decode_change(record_of(source, encoded(source) + "x"), read).error,
            journal_errc::damaged);
}

TEST(ChangeBody, OfAnotherFormatIsRefusedByName) {
  const auto source = full_change();
  for (const std::size_t at : {0U, 1U}) {
    auto body = encoded(source);
    body[at] = '\x7f';
    change read;
    const auto result = decode_change(record_of(source, body), read);
    EXPECT_EQ(result.error, journal_errc::unknown_format) << at;
    EXPECT_NE(result.message.find("127"), std::string::npos) << result.message;
  }
}

TEST(ChangeBody, FlippedBitsNeverReadBeyondIt) {
  const auto source = full_change();
  const auto body = encoded(source);
  for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
    auto flipped = body;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    change read;
    const auto result = decode_change(record_of(source, flipped), read);
    if (result.ok()) {
      EXPECT_FALSE(read.events.empty());
    } else {
      EXPECT_NE(result.message.find("change 5"), std::string::npos);
    }
  }
}

} // namespace
} // namespace cairn
