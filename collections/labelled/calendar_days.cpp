#include "calendar_days.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

// Years that begin on 1 March have their leap day at the end, and months whose lengths follow one line:
// the months before month m (0 = March) have (153 m + 2) / 5 days.
constexpr std::int64_t day_of_march_year(int month, int day) {
  return (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
}

constexpr void split_march_year(std::int64_t day_of_year, std::int64_t& year, int& month, int& day) {
  const auto march_month = static_cast<int>((5 * day_of_year + 2) / 153);
  day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  month = march_month < 10 ? march_month + 3 : march_month - 9;
  year += month <= 2;
}

// Days since 0000-03-01, Gregorian: 400 years are 146097 days.
constexpr std::int64_t gregorian(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = floor_divide(year, 400), of_era = year - era * 400;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_march_year(month, day);
}

// Days since 0000-03-01, Julian: four years are 1461 days.
constexpr std::int64_t julian(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = floor_divide(year, 4), of_era = year - era * 4;
  return era * 1461 + of_era * 365 + day_of_march_year(month, day);
}

constexpr std::int64_t kEpoch = gregorian(1970, 1, 1);
// 15 October 1582 (Gregorian) followed 4 October 1582 (Julian).
constexpr std::int64_t kReform = gregorian(1582, 10, 15) - kEpoch;
constexpr std::int64_t kJulianEpoch = julian(1582, 10, 5) - kReform;
static_assert(kEpoch == 719'468 && kReform == -141'427);

void split_gregorian(std::int64_t number, std::int64_t& year, int& month, int& day) {
  number += kEpoch;
  const std::int64_t era = floor_divide(number, 146'097), of_era = number - era * 146'097;
  const std::int64_t of_year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  year = era * 400 + of_year;
  split_march_year(of_era - (365 * of_year + of_year / 4 - of_year / 100), year, month, day);
}

void split_julian(std::int64_t number, std::int64_t& year, int& month, int& day) {
  number += kJulianEpoch;
  const std::int64_t era = floor_divide(number, 1461), of_era = number - era * 1461;
  const std::int64_t of_year = (of_era - of_era / 1460) / 365;
  year = era * 4 + of_year;
  split_march_year(of_era - 365 * of_year, year, month, day);
}

constexpr int kMonths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

int february(bool leap) { return leap ? 29 : 28; }

bool is_leap(Calendar calendar, std::int64_t year) {
  const bool fourth = year % 4 == 0;
  const bool gregorian_leap = fourth && (year % 100 != 0 || year % 400 == 0);
  switch (calendar) {
    case Calendar::standard:
      return year > 1582 ? gregorian_leap : fourth;
    case Calendar::proleptic_gregorian:
      return gregorian_leap;
    case Calendar::julian:
      return fourth;
    case Calendar::noleap:
      return false;
    default:
      return true;
  }
}

int month_length(Calendar calendar, std::int64_t year, int month) {
  if (calendar == Calendar::days_360) return 30;
  return month == 2 ? february(is_leap(calendar, year)) : kMonths[month - 1];
}

bool before_reform(std::int64_t year, int month, int day) {
  if (year != 1582) return year < 1582;
  return month < 10 || (month == 10 && day < 15);
}

// Calendars whose years are all alike.
std::int64_t year_length(Calendar calendar) {
  return calendar == Calendar::days_360 ? 360 : calendar == Calendar::noleap ? 365 : 366;
}

}  // namespace

bool is_day_of(Calendar calendar, std::int64_t year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > month_length(calendar, year, month)) return false;
  return !(calendar == Calendar::standard && year == 1582 && month == 10 && day > 4 && day < 15);
}

std::int64_t day_number(Calendar calendar, std::int64_t year, int month, int day) {
  switch (calendar) {
    case Calendar::proleptic_gregorian:
      return gregorian(year, month, day) - kEpoch;
    case Calendar::julian:
      return julian(year, month, day) - kJulianEpoch;
    case Calendar::standard:
      return before_reform(year, month, day) ? julian(year, month, day) - kJulianEpoch
                                             : gregorian(year, month, day) - kEpoch;
    default:
      break;
  }
  std::int64_t number = year * year_length(calendar) + day - 1;
  for (int m = 1; m < month; ++m) number += month_length(calendar, year, m);
  return number;
}

void split_day(Calendar calendar, std::int64_t number, std::int64_t& year, int& month, int& day) {
  if (calendar == Calendar::proleptic_gregorian || (calendar == Calendar::standard && number >= kReform))
    return split_gregorian(number, year, month, day);
  if (calendar == Calendar::julian || calendar == Calendar::standard) return split_julian(number, year, month, day);
  year = floor_divide(number, year_length(calendar));
  auto rest = static_cast<int>(number - year * year_length(calendar));
  for (month = 1; rest >= month_length(calendar, year, month); ++month) rest -= month_length(calendar, year, month);
  day = rest + 1;
}

}  // namespace dunlin
