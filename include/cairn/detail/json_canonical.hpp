#pragma once

#include <cairn/json.hpp>

#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

/// Reads JSON as Cairn itself writes it: no white space, members in the order of their description, all there. That is
/// what journals hold, and it needs no tree in between. Whatever looks otherwise is left to `json::parse` and
/// `json::decode`, which judge it; so this accepts nothing that they refuse.
namespace cairn::json::detail {

class canonical_reader {
public:
  explicit canonical_reader(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const noexcept { return at_ == end_; }

  /// False: it is not canonical, and `out` is worth nothing.
  template <class T>
  bool read(T& out) {
    if constexpr (depth_of<T>() == endless) {
      if (depth_ == read_depth_max) {
        return false; // `json::parse` says why
      }
      ++depth_;
      const bool good = read_form(out);
      --depth_;
      return good;
    } else {
      return read_form(out);
    }
  }

private:
  template <class T>
  bool read_form(T& out) {
    if constexpr (std::same_as<T, bool>) {
      out = skip("true");
      return out || skip("false");
    } else if constexpr (std::integral<T>) {
      return read_integer(out);
    } else if constexpr (std::same_as<T, double>) {
      return read_double(out);
    } else if constexpr (std::same_as<T, std::string>) {
      return read_string(out);
    } else if constexpr (is_optional<T>) {
      if (skip("null")) {
        out.reset();
        return true;
      }
      return read(out.emplace());
    } else if constexpr (is_sequence<T> && !std::same_as<T, std::vector<bool>> &&
                         requires { out.emplace_back(); }) {
      return read_sequence(out);
    } else if constexpr (described<T> && !std::is_enum_v<T>) {
      return read_described(out);
    } else {
      return false;
    }
  }

  bool skip(std::string_view text) noexcept {
    const bool there =
        std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text);
    at_ += there ? text.size() : 0;
    return there;
  }

  template <class T>
  bool read_integer(T& out) noexcept {
    const char* const digits = at_ + (at_ != end_ && *at_ == '-' ? 1 : 0);
    const bool zero_first = digits != end_ && *digits == '0';
    const auto [past, failure] = std::from_chars(at_, end_, out);
    if (failure != std::errc{} || (zero_first && (past - digits > 1 || digits != at_))) {
      return false;
    }
    at_ = past;
    return ends_number();
  }

  /// A number that goes on after it was read is one of another kind.
  bool ends_number() const noexcept {
    return at_ == end_ || *at_ == ',' || *at_ == '}' || *at_ == ']';
  }

  bool read_double(double& out) noexcept {
    const char* const digits = at_ + (at_ != end_ && *at_ == '-' ? 1 : 0);
    const bool starts = digits != end_ && *digits >= '1' && *digits <= '9';
    const auto [past, failure] = std::from_chars(at_, end_, out);
    if (!starts || failure != std::errc{} || past[-1] < '0' || past[-1] > '9') {
      return false;
    }
    for (const char* each = digits; each != past; ++each) {
      if (*each == '.' && (each[1] < '0' || each[1] > '9')) {
        return false; // `1.e5`
      }
    }
    at_ = past;
    return ends_number();
  }

  bool read_string(std::string& out) {
    if (!skip("\"")) {
      return false;
    }
    const char* const begin = at_;
    bool ascii = true;
    for (; at_ != end_ && *at_ != '"'; ++at_) {
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '\\' || byte < 0x20U) {
        return false;
      }
      ascii = ascii && byte < 0x80U;
    }
    const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
    if (!skip("\"") || (!ascii && !is_utf8(text))) {
      return false;
    }
    out.assign(text);
    return true;
  }

  template <class Sequence>
  bool read_sequence(Sequence& out) {
    out.clear();
    if (!skip("[")) {
      return false;
    }
    if (skip("]")) {
      return true;
    }
    do {
      if (!read(out.emplace_back())) {
        return false;
      }
    } while (skip(","));
    return skip("]");
  }

  template <class T>
  bool read_described(T& out) {
    bool good = skip("{");
    bool first = true;
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
      auto& item = member.of(out);
      if (!good) {
        return;
      }
      if (skip_name(member.name, first)) {
        first = false;
        good = read(item);
      } else if constexpr (is_optional<std::remove_cvref_t<decltype(item)>>) {
        item.reset(); // an empty one is left out
      } else {
        good = false;
      }
    });
    return good && skip("}");
  }

  bool skip_name(std::string_view name, bool first) noexcept {
    const char* const before = at_;
    const bool there = (first || skip(",")) && skip("\"") && skip(name) && skip("\":");
    at_ = there ? at_ : before;
    return there;
  }

  const char* at_;
  const char* end_;
  std::size_t depth_ = 0; // of types that hold themselves
};

/// False: the text is not canonical JSON of a `T`; `out` is worth nothing.
template <class T>
bool read_canonical(std::string_view text, T& out) {
  canonical_reader in(text);
  return in.read(out) && in.at_end();
}

} // namespace cairn::json::detail
