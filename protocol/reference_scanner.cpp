#include <cairn/detail/reference_scanner.hpp>
#include <cairn/json.hpp>
#include <cairn/protocol.hpp>

#include <algorithm>
#include <utility>

namespace cairn::protocol {

namespace {

/// `"\u0072\u0065\u0066"`: no longer text means `ref`.
constexpr std::size_t key_bytes_max = 20;

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

/// Numbers and literals, and what stands for them where JSON has none: `NaN`, `+1`, `0x10`.
bool is_scalar(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '+' || byte == '.';
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return byte >= '0' && byte <= '9';
  });
  return digits && (text.size() == 1 || text.front() != '0');
}

bool is_text(std::string_view text, boost::json::value& value) {
  json::problem wrong;
  return json::parse(text, value, wrong) && value.is_string();
}

bool means_ref(std::string_view key) {
  boost::json::value value;
  return key == R"("ref")" || (key.find('\\') != std::string_view::npos && is_text(key, value) &&
                               value.get_string() == "ref");
}

} // namespace

void reference_scanner::feed(std::string_view bytes) {
  for (const char byte : bytes) {
    if (broken_) return;
    step(byte);
  }
}

std::string reference_scanner::reference_in(std::string_view line) {
  reference_scanner scanner;
  for (const char byte : line) {
    scanner.step(byte);
    // A number ends with the byte behind it.
    if (scanner.has_reference_ && !scanner.is_reference_) break;
  }
  return std::move(scanner.reference_);
}

std::string reference_scanner::finish() {
  boost::json::value value;
  const bool found = !broken_ && expecting_ == expecting::nothing &&
                     (is_integer(reference_) || is_text(reference_, value));
  std::string reference = found ? std::move(reference_) : std::string();
  *this = {};
  return reference;
}

void reference_scanner::step(char byte) {
  if (in_text_) {
    capture(byte);
    if (std::exchange(escaped_, !escaped_ && byte == '\\')) return;
    if (byte == '"') end_text();
  } else if (in_scalar_ && is_scalar(byte)) {
    capture(byte);
  } else {
    if (std::exchange(in_scalar_, false)) end_value();
    if (!is_space(byte)) step_outside_text(byte);
  }
}

void reference_scanner::step_outside_text(char byte) {
  switch (expecting_) {
    case expecting::object:
      broken_ = byte != '{';
      return open(byte);
    case expecting::key_or_end:
      if (byte == '}') return close(byte);
      [[fallthrough]];
    case expecting::key:
      broken_ = byte != '"';
      is_key_ = true;
      key_.clear();
      return begin_text();
    case expecting::colon:
      broken_ = byte != ':';
      expecting_ = expecting::value;
      return;
    case expecting::value_or_end:
      if (byte == ']') return close(byte);
      [[fallthrough]];
    case expecting::value:
      return step_value(byte);
    case expecting::comma_or_end:
      return step_comma_or_end(byte);
    case expecting::nothing:
      broken_ = true;
      return;
  }
}

void reference_scanner::step_value(char byte) {
  is_reference_ = objects_.size() == 1 && !has_reference_ && means_ref(key_);
  has_reference_ = has_reference_ || is_reference_;
  if (byte == '"') {
    begin_text();
  } else if (byte == '{' || byte == '[') {
    open(byte);
  } else if (is_scalar(byte)) {
    in_scalar_ = true;
    capture(byte);
  } else {
    broken_ = true;
  }
}

void reference_scanner::step_comma_or_end(char byte) {
  if (byte == ',') {
    expecting_ = objects_.back() ? expecting::key : expecting::value;
  } else {
    close(byte);
  }
}

void reference_scanner::open(char bracket) {
  is_reference_ = false;
  objects_.push_back(bracket == '{');
  broken_ = broken_ || objects_.size() > line_bytes_max;
  expecting_ = bracket == '{' ? expecting::key_or_end : expecting::value_or_end;
}

void reference_scanner::close(char bracket) {
  broken_ = bracket != (objects_.back() ? '}' : ']');
  objects_.pop_back();
  end_value();
}

void reference_scanner::begin_text() {
  in_text_ = true;
  capture('"');
}

void reference_scanner::end_text() {
  in_text_ = false;
  if (std::exchange(is_key_, false)) {
    expecting_ = expecting::colon;
  } else {
    end_value();
  }
}

void reference_scanner::end_value() {
  is_reference_ = false;
  expecting_ = objects_.empty() ? expecting::nothing : expecting::comma_or_end;
}

void reference_scanner::capture(char byte) {
  if (is_key_) {
    if (objects_.size() == 1 && key_.size() <= key_bytes_max) key_ += byte;
  } else if (is_reference_) {
    reference_ += byte;
    broken_ = reference_.size() > line_bytes_max; // a line of that length is not kept either
  }
}

} // namespace cairn::protocol
