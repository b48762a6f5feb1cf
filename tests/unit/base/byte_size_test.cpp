// Amounts of bytes read as they are written by people, in binary units, and print alike.

#include "dunlin/base/byte_size.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace dunlin {
namespace {

constexpr std::int64_t K = 1024, M = K * K, G = M * K, T = G * K, P = T * K;

TEST(ByteSize, TextsAreReadInBinaryUnits) {
  struct Case {
    const char* text;
    std::int64_t bytes;
    const char* why;
  };
  const Case cases[] = {
      {"200M", 200 * M, "the usual way"},
      {"1.5GiB", 3 * G / 2, "a fraction, unit in full"},
      {"4G", 4 * G, "one letter"},
      {"64KB", 64 * K, "KB is binary too, as in Slurm"},
      {"2t", 2 * T, "lower case"},
      {"1P", P, "the largest unit"},
      {"1 MiB", M, "a blank before the unit"},
      {"4096", 4096, "no unit is bytes"},
      {"12B", 12, "bytes by name"},
      {"0", 0, "nothing is an amount"},
      {"0.5", 0, "a part of a byte is rounded down"},
      {"0.1K", 102, "rounded down"},
      {"8191P", 8191 * P, "nearly 63 bits"},
  };
  for (const auto& [text, bytes, why] : cases) EXPECT_EQ(parse_byte_size(text), bytes) << text << ": " << why;
}

TEST(ByteSize, WhatIsNoAmountIsRefused) {
  const char* const texts[] = {"",    "M",   "x",     "12Q",   "-1",    "-0",  "1e3", "nan",
                               "inf", "1MM", "200Mi", "1.5.2", "8192P", "4G ", " 4G", "12iB"};
  for (const char* text : texts) EXPECT_THROW(parse_byte_size(text), BadByteSize) << "'" << text << "'";
}

TEST(ByteSize, RefusalSaysWhatToWrite) {
  try {
    parse_byte_size("12Q");
    FAIL() << "12Q was accepted";
  } catch (const BadByteSize& error) {
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_EQ(error.text, "12Q");
    EXPECT_STREQ(error.what(),
                 "'12Q' is no amount of memory: give a number and K, M, G or T (binary units), for example 200M or "
                 "1.5GiB");
  }
}

TEST(ByteSize, PrintsFourDigitsAtMostBeforeTheUnit) {
  struct Case {
    std::int64_t bytes;
    const char* text;
  };
  const Case cases[] = {
      {0, "0 B"},
      {1, "1 B"},
      {1023, "1023 B"},
      {K, "1.0 KiB"},
      {12 * M + 3 * M / 10, "12.3 MiB"},
      {M - 1, "1.0 MiB"},  // 1024.0 KiB is never printed
      {1023 * K, "1023.0 KiB"},
      {G - 1, "1.0 GiB"},
      {3 * G / 2, "1.5 GiB"},
      {std::numeric_limits<std::int64_t>::max(), "8.0 EiB"},
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(human_bytes(bytes), text);
}

TEST(ByteSize, WhatIsPrintedIsReadBackWithinItsRounding) {
  for (std::int64_t bytes = 1; bytes < 4 * P; bytes = bytes * 3 + 1) {
    const double back = static_cast<double>(parse_byte_size(human_bytes(bytes)));
    EXPECT_NEAR(back, static_cast<double>(bytes), 0.051 * static_cast<double>(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace dunlin
