#include <cairn/detail/change.hpp>

#include <array>
#include <charconv>
#include <cstdio>

namespace cairn {

namespace {

constexpr std::int64_t micros_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr int fraction_digits = 6;
constexpr int year_max = 294'247; // int64 goes from -290308-12-21 to +294247-01-10

// Shifting the year's start to March puts the leap day last, and makes the lengths of months
// regular (153 days in five of them); an era is the 400 years after which the calendar repeats.
constexpr std::int64_t days_per_era = 146'097;
constexpr std::int64_t days_to_epoch = 719'468; // from 0000-03-01 to 1970-01-01

struct date {
  std::int64_t year = 0;
  int month = 0;
  int day = 0;
};

std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

/// Never negative. Taken from the value itself: the first second that there is begins before the first microsecond.
std::int64_t floor_mod(std::int64_t value, std::int64_t by) noexcept {
  return value % by + (value % by < 0 ? by : 0);
}

date date_of(std::int64_t days_since_epoch) noexcept {
  const std::int64_t days = days_since_epoch + days_to_epoch;
  const std::int64_t era = floor_div(days, days_per_era);
  const std::int64_t day_of_era = days - era * days_per_era;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t from_march = (5 * day_of_year + 2) / 153;
  date found;
  found.day = static_cast<int>(day_of_year - (153 * from_march + 2) / 5 + 1);
  found.month = static_cast<int>(from_march < 10 ? from_march + 3 : from_march - 9);
  found.year = year_of_era + era * 400 + (found.month <= 2 ? 1 : 0);
  return found;
}

std::int64_t days_of(const date& given) noexcept {
  const std::int64_t year = given.year - (given.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t from_march = given.month > 2 ? given.month - 3 : given.month + 9;
  const std::int64_t day_of_year = (153 * from_march + 2) / 5 + given.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * days_per_era + day_of_era - days_to_epoch;
}

/// Takes a text apart from the front; the first failure ends it.
class time_reader {
public:
  explicit time_reader(std::string_view text) noexcept : text_(text) {}

  int number(std::size_t digits, int low, int high) noexcept {
    int value = 0;
    good_ = good_ && text_.size() >= digits;
    for (std::size_t i = 0; good_ && i < digits; ++i) {
      good_ = text_[i] >= '0' && text_[i] <= '9';
      value = value * 10 + (text_[i] - '0');
    }
    good_ = good_ && value >= low && value <= high;
    if (good_) text_.remove_prefix(digits);
    return value;
  }

  bool skip_if(char wanted) noexcept {
    const bool found = !text_.empty() && text_.front() == wanted;
    if (found) text_.remove_prefix(1);
    return found;
  }

  void skip(char wanted) noexcept { good_ = skip_if(wanted) && good_; }

  /// Digits behind the microseconds are cut off.
  std::int64_t fraction() noexcept {
    std::int64_t value = 0;
    int digits = 0;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; text_.remove_prefix(1)) {
      if (digits++ < fraction_digits) value = value * 10 + (text_.front() - '0');
    }
    good_ = good_ && digits > 0;
    for (; digits < fraction_digits; ++digits) value *= 10;
    return value;
  }

  bool at_good_end() const noexcept { return good_ && text_.empty(); }

private:
  std::string_view text_;
  bool good_ = true;
};

} // namespace

std::string iso_time(std::int64_t time_us) {
  const std::int64_t seconds = floor_div(time_us, micros_per_second);
  const std::int64_t days = floor_div(seconds, seconds_per_day);
  const auto second = static_cast<int>(seconds - days * seconds_per_day);
  const date day = date_of(days);
  // Beyond four digits ISO 8601 wants a sign and a length that was agreed on: six reach all of
  // int64.
  const bool plain = day.year >= 0 && day.year <= 9999;
  std::array<char, 48> text{};
  const int size = std::snprintf(
      text.data(), text.size(),
      plain ? "%04lld-%02d-%02dT%02d:%02d:%02d.%06dZ" : "%+07lld-%02d-%02dT%02d:%02d:%02d.%06dZ",
      static_cast<long long>(day.year), day.month, day.day, second / 3600, second / 60 % 60,
      second % 60, static_cast<int>(floor_mod(time_us, micros_per_second)));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  time_reader in(text);
  date day;
  const bool negative = in.skip_if('-');
  const bool is_long = negative || in.skip_if('+');
  day.year = is_long ? in.number(6, 0, year_max) : in.number(4, 0, 9999);
  if (negative) day.year = -day.year;
  in.skip('-');
  day.month = in.number(2, 1, 12);
  in.skip('-');
  day.day = in.number(2, 1, 31);
  in.skip('T');
  const int hour = in.number(2, 0, 23);
  in.skip(':');
  const int minute = in.number(2, 0, 59);
  in.skip(':');
  const int second = in.number(2, 0, 59);
  const std::int64_t fraction = in.skip_if('.') ? in.fraction() : 0;
  in.skip('Z');
  if (!in.at_good_end()) return std::nullopt;
  const std::int64_t days = days_of(day);
  if (date_of(days).day != day.day) return std::nullopt; // no such day in this month
  const std::int64_t seconds = days * seconds_per_day + hour * 3600 + minute * 60 + second;
  // As microseconds before 1970 count down, the last second of them must not be multiplied as a whole.
  const bool counts_down = seconds < 0 && fraction > 0;
  std::int64_t time_us = 0;
  if (__builtin_mul_overflow(counts_down ? seconds + 1 : seconds, micros_per_second, &time_us) ||
      __builtin_add_overflow(time_us, counts_down ? fraction - micros_per_second : fraction,
                             &time_us))
    return std::nullopt; // no such time in int64
  return time_us;
}

} // namespace cairn
