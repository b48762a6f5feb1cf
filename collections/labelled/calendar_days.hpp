#pragma once
// Day counts of the six CF calendars: a date's number, and back.
//
// Day 0 of standard, proleptic_gregorian and julian is the day that the Gregorian calendar calls 1970-01-01; of the
// others, the first day of year 0. Years are counted astronomically (… −1, 0, 1 …).

#include <cstdint>

#include "dunlin/labelled/cf_time.hpp"

namespace dunlin {

/// Precondition: is_day_of.
std::int64_t day_number(Calendar calendar, std::int64_t year, int month, int day);
void split_day(Calendar calendar, std::int64_t number, std::int64_t& year, int& month, int& day);
/// True where the calendar has the day.
bool is_day_of(Calendar calendar, std::int64_t year, int month, int day);

}  // namespace dunlin
