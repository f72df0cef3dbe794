#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cairn::persistence {

/// Reads one line of JSON of a known form from front to back, and gives the values inside it that
/// it does not look into as the very bytes that stand there.
/// Shape:  each function reads one value at the place it has reached.
/// Errors: after the first failure all give false; `problem()` says where it was and why.
class json_slices {
public:
  explicit json_slices(std::string_view line) noexcept : left_(line), whole_(line) {}

  /// An object that has all of `required`, perhaps some of `optional`, and nothing else. `member`
  /// reads the value of the member it is called with.
  bool object(std::initializer_list<std::string_view> required,
              std::initializer_list<std::string_view> optional,
              const std::function<bool(std::string_view)>& member);

  /// An object with any names, each once.
  bool any_object(const std::function<bool(std::string&)>& member);

  bool array(const std::function<bool()>& item);
  bool text(std::string& value);
  bool number(std::uint64_t& value);
  bool boolean(bool& value);

  /// Any valid JSON; `bytes` are those between the value's first and last.
  bool document(std::string& bytes);

  /// Skips a `null`. False, and nothing is wrong: there is another value.
  bool skip_null();

  /// True when nothing follows.
  bool end();

  /// Sets the problem at the place it has reached; gives false.
  bool fail(std::string_view reason);

  /// `events[1].data: …`
  std::string problem() const;

private:
  void skip_space() noexcept;
  bool skip_if(char wanted) noexcept;
  bool expect(char wanted);
  bool string_token(std::string_view& token);
  std::size_t document_size() const noexcept;
  bool members(const std::function<bool(std::string&)>& member);
  bool unknown(std::string_view name, std::initializer_list<std::string_view> required,
               std::initializer_list<std::string_view> optional);

  std::string_view left_;
  std::string_view whole_;
  std::string path_;
  std::string reason_; // empty: all is well
};

} // namespace cairn::persistence
