// CF times: the dates that cftime 1.6 gives for the same numbers, in all six calendars; what is no time is named.

#include "dunlin/labelled/cf_time.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support.hpp"

namespace dunlin {
namespace {

struct Case {
  const char* why;
  const char* units;
  const char* calendar;
  double value;
  const char* date;
};

const Case kCases[] = {
    {"before the reference", "hours since 1970-01-01 00:00:00", "360_day", -175308.0, "1949-09-16 12:00:00"},
    {"hours, 360 days", "hours since 1970-01-01 00:00:00", "360_day", 1000000.0, "2085-09-27 16:00:00"},
    {"odd clock text", "days since 1800-01-01 00:00:0.0", "gregorian", 67204.0, "1984-01-01 00:00:00"},
    {"day before the reform", "days since 1582-10-15", "standard", -1.0, "1582-10-04 00:00:00"},
    {"short years", "days since 1-1-1 00:00:00", "standard", 577735.0, "1582-10-03 00:00:00"},
    {"julian", "days since 1-1-1", "julian", 577735.5, "1582-10-03 12:00:00"},
    {"no reform", "days since 1-1-1", "proleptic_gregorian", 577735.25, "1582-10-15 06:00:00"},
    {"no leap day", "days since 2000-02-28", "noleap", 1, "2000-03-01 00:00:00"},
    {"always a leap day", "days since 2001-02-28", "all_leap", 1, "2001-02-29 00:00:00"},
    {"leap century", "days since 2000-02-28", "standard", 1, "2000-02-29 00:00:00"},
    {"common century", "days since 1900-02-28", "standard", 1, "1900-03-01 00:00:00"},
    {"julian century", "days since 1900-02-28", "julian", 1, "1900-02-29 00:00:00"},
    {"NEMO's seconds", "seconds since 1900-01-01 00:00:00", "360_day", 3629664000.0, "2016-09-11 00:00:00"},
    {"a zone", "minutes since 2000-01-01 12:00 +01:00", "standard", 90, "2000-01-01 12:30:00"},
    {"ISO text, milliseconds", "milliseconds since 1970-01-01T00:00:00Z", "proleptic_gregorian", 1234567890123,
     "2009-02-13 23:31:30.123000"},
    {"a tenth is rounded to the microsecond", "days since 1970-01-01", "standard", 0.1, "1970-01-01 02:24:00"},
    {"months where they are fixed", "months since 1990-01-15", "360_day", 13, "1991-02-15 00:00:00"},
    {"another name of noleap", "days since 1850-01-01", "365_day", 60000.5, "2014-05-21 12:00:00"},
    {"another name of all_leap", "days since 1850-01-01", "366_day", -60000.5, "1686-01-24 12:00:00"},
    {"standard is Julian before 1582", "days since 1500-03-01", "standard", -1, "1500-02-29 00:00:00"},
    {"no calendar means standard", "Days Since 2000-01-01", "", 366, "2001-01-01 00:00:00"},
};

TEST(CfTime, NumbersBecomeTheDatesOfTheirCalendarAndBack) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.why);
    const CfTime time(c.units, c.calendar);
    const Date date = time.date(c.value);
    EXPECT_EQ(to_string(date), c.date);
    EXPECT_NEAR(time.value(date), c.value, 1e-9 * std::abs(c.value) + 1e-9);
  }
}

TEST(CfTime, EveryDayOfFourCenturiesFollowsTheOneBefore) {
  for (const char* calendar : {"standard", "proleptic_gregorian", "julian", "noleap", "all_leap", "360_day"}) {
    SCOPED_TRACE(calendar);
    const CfTime time("days since 1400-01-01", calendar);
    Date before = time.date(-1);
    for (int day = 0; day < 400 * 366; ++day) {
      const Date date = time.date(day);
      const bool next_day = date.year == before.year && date.month == before.month && date.day > before.day;
      const bool next_month = date.year == before.year && date.month == before.month + 1 && date.day == 1;
      const bool next_year = date.year == before.year + 1 && date.month == 1 && date.day == 1 && before.month == 12;
      ASSERT_TRUE(next_day || next_month || next_year) << to_string(before) << " → " << to_string(date);
      ASSERT_EQ(time.value(date), day);
      before = date;
    }
  }
}

TEST(CfTime, WhatIsNoTimeIsNamed) {
  const auto message = [](const char* units, const char* calendar) {
    return test::sentence<BadTimeUnits>([&] { CfTime(units, calendar); });
  };
  EXPECT_EQ(message("hours since yesterday", ""),
            "time units 'hours since yesterday' are not understood: 'yesterday' is no date; expected like 'hours since "
            "1970-01-01 00:00:00'");
  EXPECT_NE(message("months since 2000-01-01", "standard").find("'months' is no unit of a fixed length"),
            std::string::npos);
  EXPECT_NE(message("days since 2001-02-29", "noleap").find("no such day"), std::string::npos);
  EXPECT_NE(message("days since 1582-10-10", "standard").find("no such day"), std::string::npos);
  EXPECT_NE(message("days since 2000-01-01", "lunar").find("known calendars are"), std::string::npos);
  EXPECT_NE(message("days", "").find("there is no 'since'"), std::string::npos);
}

TEST(CfTime, ValuesThatAreNoDateAreRefused) {
  const CfTime time("days since 2000-01-01", "standard");
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const double value : {nan, inf, -inf, 1e20}) EXPECT_THROW(time.date(value), UsageError) << value;
}

TEST(CfTime, OnlyUnitsWithSinceAreTimes) {
  EXPECT_FALSE(CfTime::of(test::attributes({{"units", test::text("hours")}})));
  EXPECT_FALSE(CfTime::of({}));
  EXPECT_TRUE(CfTime::of(test::attributes({{"units", test::text("hours since 2000-01-01")}})));
}

}  // namespace
}  // namespace dunlin
