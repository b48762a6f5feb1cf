#pragma once
// CF times: numbers with units "hours since 1970-01-01 00:00:00" in one of six calendars. Times stay numbers in arrays;
// dates are derived where people read or name them.
//
//   units     := unit "since" date [("T" | " ") clock] [zone]
//   unit      := nanoseconds | microseconds | milliseconds | seconds | minutes | hours | days | weeks and their short
//   forms date      := [sign] year "-" month "-" day          clock := hour [":" minute [":" second ["." fraction]]]
//   zone      := "Z" | "UTC" | "GMT" | (("+" | "-") hour [[":"] minute])
//
//   standard (gregorian)   Julian before 1582-10-15, Gregorian from then on      noleap (365_day)    all_leap (366_day)
//   proleptic_gregorian    Gregorian always          julian                     360_day
//
// Months and years are no fixed time and are refused, but in the calendars where they are (months in 360_day; years in
// 360_day, noleap and all_leap). Years are counted astronomically: the year before 1 is 0. Resolution: a microsecond.
// Source: CF conventions 1.11, section 4.4; day counts by counting from 1 March.

#include <cstdint>
#include <optional>
#include <string>

#include "dunlin/base/error.hpp"
#include "dunlin/io/attributes.hpp"

namespace dunlin {

enum class Calendar { standard, proleptic_gregorian, julian, noleap, all_leap, days_360 };
/// CF's name: "standard", "360_day".
const char* to_string(Calendar calendar);
/// By any CF name, in any case; empty text is standard.
std::optional<Calendar> parse_calendar(const std::string& name);

struct Date {
  std::int64_t year = 1;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0;
  friend bool operator==(const Date&, const Date&) = default;
};
/// "1949-12-16 00:00:00", with a fraction where there is one.
std::string to_string(const Date& date);

/// Units or calendar that are none of CF's.
struct BadTimeUnits : InputError {
  BadTimeUnits(const std::string& units, const std::string& calendar, const std::string& reason);
  std::string units, calendar;
};

class CfTime {
 public:
  /// Throws BadTimeUnits.
  CfTime(const std::string& units, const std::string& calendar);
  /// True where the units say a time: "… since …".
  static bool is_time(const Attributes& attributes);
  /// Of a variable's attributes `units` and `calendar`; nothing where it is no time. Throws BadTimeUnits.
  static std::optional<CfTime> of(const Attributes& attributes);

  /// The date of a value. Throws UsageError for values that are no date: NaN, infinite, further than 250,000 years.
  Date date(double value) const;
  double value(const Date& date) const;
  Calendar calendar() const { return calendar_; }

 private:
  Calendar calendar_;
  double scale_;                    // nanoseconds: 0.001, else 1
  std::int64_t unit_;               // microseconds
  std::int64_t day_, microsecond_;  // of the reference, day in the calendar's own count
};

}  // namespace dunlin
