#include <cairn/json.hpp>

#include "entities/per_thread.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace cairn::json {

namespace {

namespace bj = boost::json;

/// An exponent of more digits says no more than one of so many: 0, or beyond any double.
constexpr std::size_t exponent_digits_max = 9;

/// Below this many members a linear look at hashes finds a duplicate key sooner than a set.
constexpr std::size_t linear_keys_max = 24;

/// Is a number that `from_chars` finds out of range, too small rather than too large? It is below 1 when its first
/// digit other than 0 stands behind the point once the exponent has moved that.
bool is_tiny(std::string_view number) noexcept {
  const std::size_t mantissa_end = std::min(number.find_first_of("eE"), number.size());
  const auto mantissa = number.substr(0, mantissa_end);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = std::min(mantissa.find_first_of("123456789"), mantissa.size());
  std::int64_t exponent = 0;
  if (mantissa_end < number.size()) {
    auto digits = number.substr(mantissa_end + 1);
    if (digits.starts_with('+')) {
      digits.remove_prefix(1);
    }
    std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  }
  return static_cast<std::int64_t>(point) + exponent <= static_cast<std::int64_t>(first);
}

/// Boost.JSON takes an exponent beyond 32 bits for a mistake, also where the number is 0. Shortens such exponents
/// without a change of what is meant; nothing else of `text` is touched.
std::string shorten_exponents(std::string_view text) {
  const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  std::string shorter;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    shorter += text[i];
    if (quoted && text[i] == '\\' && i + 1 < text.size()) {
      shorter += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[i] == 'e' || text[i] == 'E') && i > 0 && is_digit(text[i - 1])) {
      std::size_t begin = i + 1;
      begin += begin < text.size() && (text[begin] == '+' || text[begin] == '-') ? 1 : 0;
      std::size_t end = begin;
      while (end < text.size() && is_digit(text[end])) {
        ++end;
      }
      shorter.append(text, i + 1, begin - i - 1);
      const std::size_t zeros = std::min(text.find_first_not_of('0', begin), end) - begin;
      const auto digits = text.substr(begin + zeros, end - begin - zeros);
      if (digits.size() > exponent_digits_max) {
        shorter.append(exponent_digits_max, '9');
      } else if (end > begin) {
        shorter.append(digits.empty() ? "0" : digits);
      }
      i = end - 1;
    }
  }
  return shorter;
}

std::uint32_t hash_of(std::string_view key) noexcept {
  std::uint32_t hash = 2166136261U;
  for (const char byte : key) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  }
  return hash;
}

/// Builds the value. Differs from Boost.JSON's own handler in two things: a double is read from its text by
/// `std::from_chars` (Boost.JSON 1.81 loses the last bit of one in ten), and a key that stands twice in an
/// object is noticed (Boost.JSON keeps the last one silently).
struct building_handler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bj::value_stack stack;
  std::string number;                // text of the number being read
  std::string key;                   // text of the key being read
  std::vector<std::uint32_t> hashes; // of the keys of all open objects
  std::vector<std::size_t> opens;    // where each open object's hashes begin
  bool suspicious = false;           // a key may stand twice: look closely
  bool out_of_range = false;

  bool on_document_begin(bj::error_code& /*ec*/) { return true; }
  bool on_document_end(bj::error_code& /*ec*/) { return true; }

  bool on_object_begin(bj::error_code& /*ec*/) {
    opens.push_back(hashes.size());
    return true;
  }
  bool on_object_end(std::size_t n, bj::error_code& /*ec*/) {
    hashes.resize(opens.back());
    opens.pop_back();
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(bj::error_code& /*ec*/) { return true; }
  bool on_array_end(std::size_t n, bj::error_code& /*ec*/) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(bj::string_view s, std::size_t /*n*/, bj::error_code& /*ec*/) {
    key.append(s.data(), s.size());
    stack.push_chars(s);
    return true;
  }
  bool on_key(bj::string_view s, std::size_t /*n*/, bj::error_code& /*ec*/) {
    key.append(s.data(), s.size());
    stack.push_key(s);
    const std::size_t first = opens.back();
    if (hashes.size() - first >= linear_keys_max) {
      suspicious = true;
    } else {
      const std::uint32_t hash = hash_of(key);
      for (std::size_t i = first; i < hashes.size(); ++i) {
        suspicious = suspicious || hashes[i] == hash;
      }
      hashes.push_back(hash);
    }
    key.clear();
    return true;
  }
  bool on_string_part(bj::string_view s, std::size_t /*n*/, bj::error_code& /*ec*/) {
    stack.push_chars(s);
    return true;
  }
  bool on_string(bj::string_view s, std::size_t /*n*/, bj::error_code& /*ec*/) {
    stack.push_string(s);
    return true;
  }
  bool on_number_part(bj::string_view s, bj::error_code& /*ec*/) {
    number.append(s.data(), s.size());
    return true;
  }
  bool on_int64(std::int64_t value, bj::string_view /*s*/, bj::error_code& /*ec*/) {
    number.clear();
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, bj::string_view /*s*/, bj::error_code& /*ec*/) {
    number.clear();
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double /*value*/, bj::string_view s, bj::error_code& ec) {
    number.append(s.data(), s.size());
    double value = 0;
    const auto* const end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, value);
    if (read.ec == std::errc::result_out_of_range) {
      if (!is_tiny(number)) {
        out_of_range = true;
        ec = bj::error::not_number;
        return false;
      }
      value = number.starts_with('-') ? -0.0 : 0.0;
    }
    number.clear();
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, bj::error_code& /*ec*/) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(bj::error_code& /*ec*/) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(bj::string_view /*s*/, bj::error_code& /*ec*/) { return true; }
  bool on_comment(bj::string_view /*s*/, bj::error_code& /*ec*/) { return true; }
};

/// Finds the key that stands twice, with its path. Slow and exact; runs only on suspicion.
struct duplicate_finder {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  struct level {
    bool is_array = false;
    std::size_t index = 0;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  std::vector<level> levels;
  std::string key;
  problem* wrong = nullptr;

  void begin_value() {
    if (!levels.empty() && levels.back().is_array) {
      ++levels.back().index;
    }
  }
  bool on_document_begin(bj::error_code& /*ec*/) { return true; }
  bool on_document_end(bj::error_code& /*ec*/) { return true; }
  bool on_object_begin(bj::error_code& /*ec*/) {
    begin_value();
    levels.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t /*n*/, bj::error_code& /*ec*/) {
    levels.pop_back();
    return true;
  }
  bool on_array_begin(bj::error_code& /*ec*/) {
    begin_value();
    levels.emplace_back().is_array = true;
    return true;
  }
  bool on_array_end(std::size_t /*n*/, bj::error_code& /*ec*/) {
    levels.pop_back();
    return true;
  }
  bool on_key_part(bj::string_view s, std::size_t /*n*/, bj::error_code& /*ec*/) {
    key.append(s.data(), s.size());
    return true;
  }
  bool on_key(bj::string_view s, std::size_t /*n*/, bj::error_code& ec) {
    key.append(s.data(), s.size());
    levels.back().key = key;
    if (!levels.back().keys.insert(std::exchange(key, {})).second) {
      wrong->message = "stands twice";
      wrong->path.clear();
      for (auto at = levels.rbegin(); at != levels.rend(); ++at) {
        at->is_array ? wrong->under(at->index - 1) : wrong->under(std::string_view(at->key));
      }
      ec = bj::error::syntax;
      return false;
    }
    return true;
  }
  bool on_string_part(bj::string_view /*s*/, std::size_t /*n*/, bj::error_code& /*ec*/) {
    return true;
  }
  bool on_string(bj::string_view /*s*/, std::size_t /*n*/, bj::error_code& /*ec*/) {
    return scalar();
  }
  bool on_number_part(bj::string_view /*s*/, bj::error_code& /*ec*/) { return true; }
  bool on_int64(std::int64_t /*v*/, bj::string_view /*s*/, bj::error_code& /*ec*/) {
    return scalar();
  }
  bool on_uint64(std::uint64_t /*v*/, bj::string_view /*s*/, bj::error_code& /*ec*/) {
    return scalar();
  }
  bool on_double(double /*v*/, bj::string_view /*s*/, bj::error_code& /*ec*/) { return scalar(); }
  bool on_bool(bool /*v*/, bj::error_code& /*ec*/) { return scalar(); }
  bool on_null(bj::error_code& /*ec*/) { return scalar(); }
  bool on_comment_part(bj::string_view /*s*/, bj::error_code& /*ec*/) { return true; }
  bool on_comment(bj::string_view /*s*/, bj::error_code& /*ec*/) { return true; }

  bool scalar() {
    begin_value();
    return true;
  }
};

bj::parse_options strict_options() {
  bj::parse_options options;
  options.max_depth = read_depth_max;
  return options;
}

bool syntax_problem(std::size_t offset, const bj::error_code& error, bool out_of_range,
                    problem& wrong) {
  wrong.path.clear();
  wrong.message = out_of_range ? "number out of range" : error.message();
  wrong.message += " at byte " + std::to_string(offset);
  return false;
}

bool find_duplicate(std::string_view text, problem& wrong) {
  bj::basic_parser<duplicate_finder> parser(strict_options());
  parser.handler().wrong = &wrong;
  bj::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return !error;
}

} // namespace

bool parse(std::string_view text, boost::json::value& value, problem& wrong) {
  // One parser a thread: its buffers are reused from call to call.
  auto& parser = per_thread<bj::basic_parser<building_handler>>::get(strict_options());
  auto& handler = parser.handler();
  parser.reset();
  handler.stack.reset(value.storage());
  handler.number.clear();
  handler.key.clear();
  handler.hashes.clear();
  handler.opens.clear();
  handler.suspicious = false;
  handler.out_of_range = false;

  bj::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error == bj::error::exponent_overflow) {
    const std::string shorter = shorten_exponents(text);
    return shorter.size() < text.size() ? parse(shorter, value, wrong)
                                        : syntax_problem(used, error, true, wrong);
  }
  if (error == bj::error::too_deep) {
    wrong = {"", "too deep: more than " + std::to_string(read_depth_max) +
                     " arrays and objects, one in another, at byte " + std::to_string(used)};
    return false;
  }
  if (error) {
    return syntax_problem(used, error, handler.out_of_range, wrong);
  }
  for (std::size_t i = used; i < text.size(); ++i) {
    if (std::string_view(" \t\r\n").find(text[i]) == std::string_view::npos) {
      return syntax_problem(i, bj::make_error_code(bj::error::extra_data), false, wrong);
    }
  }
  if (handler.suspicious && !find_duplicate(text, wrong)) {
    return false;
  }
  value = handler.stack.release();
  return true;
}

} // namespace cairn::json
