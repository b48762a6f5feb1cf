#include "dunlin/labelled/cf_time.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "calendar_days.hpp"
#include "dunlin/labelled/variable.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;
constexpr double kFurthest = 9e18;  // microseconds: what 63 bits hold, some 285,000 years

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

struct Unit {
  std::int64_t microseconds;
  double scale = 1;
};

std::optional<Unit> parse_unit(const std::string& text, Calendar calendar) {
  struct Known {
    const char* singular;
    const char* shorts[3];
    Unit unit;
  };
  static constexpr Known known[] = {
      {"nanosecond", {"ns", "nsec", "nsecs"}, {1, 1e-3}},
      {"microsecond", {"us", "microsec", "microsecs"}, {1}},
      {"millisecond", {"ms", "msec", "msecs"}, {1000}},
      {"second", {"s", "sec", "secs"}, {kSecond}},
      {"minute", {"m", "min", "mins"}, {60 * kSecond}},
      {"hour", {"h", "hr", "hrs"}, {3600 * kSecond}},
      {"day", {"d", "d", "d"}, {kDay}},
      {"week", {"week", "week", "week"}, {7 * kDay}},
  };
  for (const Known& entry : known) {
    const std::string singular = entry.singular;
    if (text == singular || text == singular + "s") return entry.unit;
    for (const char* word : entry.shorts)
      if (text == word) return entry.unit;
  }
  const int year = calendar == Calendar::days_360   ? 360
                   : calendar == Calendar::noleap   ? 365
                   : calendar == Calendar::all_leap ? 366
                                                    : 0;
  if (year != 0 && (text == "year" || text == "years" || text == "common_year" || text == "common_years"))
    return Unit{year * kDay};
  if (calendar == Calendar::days_360 && (text == "month" || text == "months")) return Unit{30 * kDay};
  return std::nullopt;
}

// Walks through the text after "since".
class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}
  void blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool done() const { return at_ == text_.size(); }
  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool digit() const { return !done() && std::isdigit(static_cast<unsigned char>(text_[at_])); }
  // Digits, at most `most`; nothing where there is none.
  std::optional<std::int64_t> number(int most = 9) {
    if (!digit()) return std::nullopt;
    std::int64_t value = 0;
    for (; digit() && most > 0; --most) value = value * 10 + (text_[at_++] - '0');
    return value;
  }
  std::string rest() const { return text_.substr(at_); }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

// Fraction digits after the point, as microseconds.
int fraction(Reader& in) {
  int value = 0, weight = 100'000;
  while (in.digit()) {
    value += static_cast<int>(*in.number(1)) * weight;
    weight /= 10;
  }
  return value;
}

bool read_clock(Reader& in, Date& date) {
  const auto hour = in.number(2);
  if (!hour) return false;
  std::optional<std::int64_t> minute = 0, second = 0;
  if (in.take(':')) {
    minute = in.number(2);
    if (minute && in.take(':')) {
      second = in.number(2);
      if (second && in.take('.')) date.microsecond = fraction(in);
    }
  }
  if (!minute || !second || *hour > 24 || *minute > 59 || *second > 60) return false;
  date.hour = static_cast<int>(*hour), date.minute = static_cast<int>(*minute), date.second = static_cast<int>(*second);
  return true;
}

// Minutes east of Greenwich; nothing where the rest is no zone.
std::optional<std::int64_t> read_zone(Reader& in) {
  in.blanks();
  const std::string rest = lower(in.rest());
  if (rest.empty() || rest == "z" || rest == "utc" || rest == "gmt") return 0;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return std::nullopt;
  const auto hour = in.number(2);
  in.take(':');
  const auto minute = in.digit() ? in.number(2) : std::optional<std::int64_t>(0);
  in.blanks();
  if (!hour || !minute || !in.done()) return std::nullopt;
  const std::int64_t east = *hour * 60 + *minute;
  return west ? -east : east;
}

struct Reference {
  Date date;
  std::int64_t zone_minutes;
};

std::optional<Reference> read_reference(const std::string& text) {
  Reader in(text);
  in.blanks();
  const bool negative = in.take('-');
  const auto year = in.number();
  if (!year || !in.take('-')) return std::nullopt;
  const auto month = in.number(2);
  if (!month || !in.take('-')) return std::nullopt;
  const auto day = in.number(2);
  if (!day) return std::nullopt;
  Date date{.year = negative ? -*year : *year, .month = static_cast<int>(*month), .day = static_cast<int>(*day)};
  if (!in.take('T')) in.blanks();
  if (in.digit() && !read_clock(in, date)) return std::nullopt;
  const auto zone = read_zone(in);
  if (!zone) return std::nullopt;
  return Reference{date, *zone};
}

std::int64_t clock_microseconds(const Date& date) {
  return ((date.hour * 60 + date.minute) * std::int64_t{60} + date.second) * kSecond + date.microsecond;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

}  // namespace

BadTimeUnits::BadTimeUnits(const std::string& units, const std::string& calendar, const std::string& reason)
    : InputError("time units '" + units + "'" + (calendar.empty() ? "" : " in calendar '" + calendar + "'") +
                 " are not understood: " + reason + "; expected like 'hours since 1970-01-01 00:00:00'"),
      units(units),
      calendar(calendar) {}

const char* to_string(Calendar calendar) {
  constexpr const char* names[] = {"standard", "proleptic_gregorian", "julian", "noleap", "all_leap", "360_day"};
  return names[static_cast<int>(calendar)];
}

std::optional<Calendar> parse_calendar(const std::string& name) {
  const std::string word = lower(name);
  if (word.empty() || word == "standard" || word == "gregorian") return Calendar::standard;
  if (word == "proleptic_gregorian") return Calendar::proleptic_gregorian;
  if (word == "julian") return Calendar::julian;
  if (word == "noleap" || word == "365_day") return Calendar::noleap;
  if (word == "all_leap" || word == "366_day") return Calendar::all_leap;
  if (word == "360_day") return Calendar::days_360;
  return std::nullopt;
}

std::string to_string(const Date& date) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%s%04lld-%02d-%02d %02d:%02d:%02d", date.year < 0 ? "-" : "",
                                   static_cast<long long>(std::abs(date.year)), date.month, date.day, date.hour,
                                   date.minute, date.second);
  if (date.microsecond != 0)
    std::snprintf(text + length, sizeof text - static_cast<std::size_t>(length), ".%06d", date.microsecond);
  return text;
}

CfTime::CfTime(const std::string& units, const std::string& calendar) {
  const auto parsed = parse_calendar(calendar);
  if (!parsed)
    throw BadTimeUnits(units, calendar,
                       "known calendars are standard, proleptic_gregorian, julian, noleap, all_leap and 360_day");
  calendar_ = *parsed;
  const std::string text = lower(units);
  const std::size_t since = text.find(" since ");
  if (since == std::string::npos) throw BadTimeUnits(units, calendar, "there is no 'since'");
  const std::size_t first = text.find_first_not_of(" \t");
  std::string word = text.substr(first, since - first);
  word.erase(word.find_last_not_of(" \t") + 1);
  const auto unit = parse_unit(word, calendar_);
  if (!unit) throw BadTimeUnits(units, calendar, "'" + word + "' is no unit of a fixed length");
  const auto reference = read_reference(units.substr(since + 7));
  if (!reference) throw BadTimeUnits(units, calendar, "'" + units.substr(since + 7) + "' is no date");
  if (!is_day_of(calendar_, reference->date.year, reference->date.month, reference->date.day))
    throw BadTimeUnits(units, calendar, "the calendar has no such day");
  scale_ = unit->scale;
  unit_ = unit->microseconds;
  const Date& date = reference->date;
  const std::int64_t clock = clock_microseconds(date) - reference->zone_minutes * 60 * kSecond;
  day_ = day_number(calendar_, date.year, date.month, date.day) + floor_divide(clock, kDay);
  microsecond_ = clock - floor_divide(clock, kDay) * kDay;
}

bool CfTime::is_time(const Attributes& attributes) {
  return lower(attributes.text_or("units", "")).find(" since ") != std::string::npos;
}

std::optional<CfTime> CfTime::of(const Attributes& attributes) {
  if (!is_time(attributes)) return std::nullopt;
  return CfTime(attributes.text_or("units", ""), attributes.text_or("calendar", ""));
}

Date CfTime::date(double value) const {
  if (!(std::abs(value * scale_) * static_cast<double>(unit_) < kFurthest))
    throw UsageError("the time value " + number_text(value) + " is no date: it is missing or too far away");
  // Whole units and the fraction apart, so that large counts keep their microseconds.
  const double whole = std::floor(value * scale_);
  const std::int64_t microseconds =
      static_cast<std::int64_t>(whole) * unit_ +
      static_cast<std::int64_t>(std::llround((value * scale_ - whole) * static_cast<double>(unit_)));
  const std::int64_t days = floor_divide(microseconds, kDay);
  std::int64_t clock = microseconds - days * kDay + microsecond_;
  const std::int64_t day = day_ + days + clock / kDay;
  clock %= kDay;
  Date date;
  split_day(calendar_, day, date.year, date.month, date.day);
  date.microsecond = static_cast<int>(clock % kSecond);
  const auto seconds = static_cast<int>(clock / kSecond);
  date.hour = seconds / 3600, date.minute = seconds / 60 % 60, date.second = seconds % 60;
  return date;
}

double CfTime::value(const Date& date) const {
  const std::int64_t days = day_number(calendar_, date.year, date.month, date.day) - day_;
  const std::int64_t clock = clock_microseconds(date) - microsecond_;
  // Days and the clock apart: the sum in microseconds may need more than 53 bits.
  const double per_day = static_cast<double>(kDay) / static_cast<double>(unit_);
  return (static_cast<double>(days) * per_day + static_cast<double>(clock) / static_cast<double>(unit_)) / scale_;
}

}  // namespace dunlin
