#include <cairn/detail/guard.hpp>
#include <cairn/json.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace cairn::detail {

namespace {

constexpr std::string_view unknown_text = "something that is no std::exception";

/// As much of it as is shown, cut between two characters. Bytes that are not UTF-8 become question marks.
std::string shown_text(const char* text) {
  if (text == nullptr) {
    return "an exception without a text";
  }
  std::string_view all(text);
  if (all.empty()) {
    return "an exception with an empty text";
  }
  if (all.size() > thrown_bytes_max) {
    std::size_t end = thrown_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(all[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    all = all.substr(0, end > 0 ? end : thrown_bytes_max);
  }
  std::string shown(all);
  if (!json::is_utf8(shown)) {
    for (char& byte : shown) {
      byte = static_cast<unsigned char>(byte) < 0x80U ? byte : '?';
    }
  }
  return shown;
}

template <class Number>
std::string number_text(Number number) {
  return std::string(unknown_text) + ": " + std::to_string(number);
}

std::string text_of_other() {
  try {
    throw;
  } catch (const char* text) {
    return shown_text(text);
  } catch (const std::string& text) {
    return shown_text(text.c_str());
  } catch (int number) {
    return number_text(number);
  } catch (unsigned number) {
    return number_text(number);
  } catch (long number) {
    return number_text(number);
  } catch (unsigned long number) {
    return number_text(number);
  } catch (double number) {
    return number_text(number);
  } catch (...) {
    return std::string(unknown_text);
  }
}

} // namespace

std::string text_of_thrown() noexcept {
  try {
    try {
      throw;
    } catch (const std::exception& thrown) {
      return shown_text(thrown.what());
    } catch (...) {
      return text_of_other();
    }
  } catch (...) { // no memory for the text; this one needs none of its own
    return "out of memory";
  }
}

} // namespace cairn::detail
