#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::protocol {

/// Finds the `ref` of a line as it was given, also where the line is no valid request: too long, a key twice, a number
/// or a text that JSON cannot hold. All that it asks of the line is the form of one object.
/// Shape:  holds the `ref` and no more, up to `line_bytes_max` bytes.
/// Thread: one.
class reference_scanner {
public:
  /// The line's next bytes.
  void feed(std::string_view bytes);

  /// Ends the line: its `ref` as JSON text, or nothing when it has none that is a string or an
  /// integer or is not one object. Of several the first counts.
  std::string finish();

  /// The value of `ref` in a line that is known to be one JSON object with a `ref`, as it was given.
  static std::string reference_in(std::string_view line);

private:
  enum class expecting : std::uint8_t {
    object,
    key_or_end,
    key,
    colon,
    value,
    value_or_end,
    comma_or_end,
    nothing,
  };

  void step(char byte);
  void step_outside_text(char byte);
  void step_value(char byte);
  void step_comma_or_end(char byte);
  void open(char bracket);
  void close(char bracket);
  void begin_text();
  void end_text();
  void end_value();
  void capture(char byte);

  expecting expecting_ = expecting::object;
  bool broken_ = false;
  bool in_text_ = false;
  bool escaped_ = false;
  bool in_scalar_ = false;
  bool is_key_ = false;       // the text being read
  bool is_reference_ = false; // the value being read
  bool has_reference_ = false;
  std::vector<bool> objects_; // what is open: an object or an array
  std::string key_;           // of the outermost object, with quotes, as far as it may be "ref"
  std::string reference_;
};

} // namespace cairn::protocol
