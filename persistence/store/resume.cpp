#include <cairn/detail/journal.hpp>
#include <cairn/detail/resume.hpp>

#include <algorithm>
#include <charconv>
#include <random>

namespace cairn {

namespace {

constexpr std::string_view lineage_digits = "0123456789abcdef";

status ahead(std::string message) {
  return {journal_errc::ahead,
          std::move(message) + ": what was made of it must be made anew, from position 0"};
}

} // namespace

std::string lineage::text() const {
  std::string out;
  for (const unsigned char byte : bytes) {
    out += lineage_digits[byte >> 4U];
    out += lineage_digits[byte & 15U];
  }
  return out;
}

lineage make_lineage() {
  std::random_device device;
  lineage made;
  for (std::size_t i = 0; i < made.bytes.size(); i += 4) {
    auto drawn = device();
    for (std::size_t k = 0; k < 4; ++k, drawn >>= 8U)
      made.bytes[i + k] = static_cast<unsigned char>(drawn);
  }
  return made;
}

std::optional<lineage> parse_lineage(std::string_view text) {
  lineage read;
  if (text.size() != 2 * read.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = lineage_digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    auto& byte = read.bytes[i / 2];
    byte = static_cast<unsigned char>((byte << 4U) | digit);
  }
  return read;
}

std::string resume_token::text() const { return std::to_string(position) + '@' + lineage.text(); }

std::optional<resume_token> parse_resume_token(std::string_view text) {
  resume_token read;
  const auto* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, read.position);
  if (error != std::errc{} || next == end || *next != '@') return std::nullopt;
  const auto of = parse_lineage({next + 1, static_cast<std::size_t>(end - next - 1)});
  if (!of) return std::nullopt;
  read.lineage = *of;
  return read.text() == text ? std::optional(read) : std::nullopt; // one form each
}

status check_resume(const journal& source, position_type from) {
  const auto end = source.end().next;
  if (from <= end) return {};
  return ahead("position " + std::to_string(from) +
               " is beyond the end of the journal at position " + std::to_string(end));
}

status check_resume(const journal& source, const resume_token& from) {
  const auto parts = source.lineages();
  const auto same = [&](const lineage_part& part) { return part.lineage == from.lineage; };
  const auto own = std::find_if(parts.begin(), parts.end(), same);
  if (own == parts.end() || !from.lineage.known()) {
    return ahead("the token " + from.text() + " is of another journal; this one has the lineage " +
                 (parts.empty() ? lineage{} : parts.back().lineage).text());
  }
  for (auto later = own + 1; later != parts.end(); ++later) {
    if (from.position > later->from) {
      return ahead("the token " + from.text() + " is behind position " +
                   std::to_string(later->from) + ", where this journal parted from that lineage");
    }
  }
  return check_resume(source, from.position);
}

} // namespace cairn
