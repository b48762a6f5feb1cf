#pragma once
// The checks of transport.hpp as tests, over the plain transport, the checked one, and one on a bad day (with the
// delays that the contract allows). Included by one file per executable; for_ranks decides which transport that is.

#include <gtest/gtest.h>

#include <ostream>

#include "conformance/transport.hpp"
#include "dunlin/transport/checked_transport.hpp"
#include "dunlin/transport/fault_transport.hpp"
#include "support/ranks.hpp"

namespace dunlin::test {

/// Small pieces, so that messages are split without moving gigabytes.
inline constexpr std::size_t kSmallPieces = 65536;

/// What is laid over the transport under test.
enum class Over { nothing, checks, delays };

inline const char* name(Over over) {
  return over == Over::nothing ? "" : over == Over::checks ? "Checked" : "OnABadDay";
}

struct TransportCase {
  TransportCheck check;
  Over over;
  friend void PrintTo(const TransportCase& one, std::ostream* out) { *out << one.check.name << " " << name(one.over); }
};

inline std::vector<TransportCase> transport_cases() {
  std::vector<TransportCase> cases;
  for (const TransportCheck& check : transport_checks())
    for (Over over : {Over::nothing, Over::checks, Over::delays}) cases.push_back({check, over});
  return cases;
}

inline std::unique_ptr<Transport> watched(std::unique_ptr<Transport> ranks) {
  return make_checked_transport(
      std::move(ranks), [](const std::string& leak) { ADD_FAILURE() << leak; }, Ends::both);
}

inline void run_case(const TransportCase& one, std::unique_ptr<Transport> ranks) {
  if (one.over != Over::nothing) ranks = watched(std::move(ranks));
  if (one.over == Over::delays)  // its user is watched, and so is it
    ranks = watched(make_fault_transport(std::move(ranks), {.seed = 1, .late = 0.5}));
  one.check.run(*ranks);
}

class TransportConformance : public testing::TestWithParam<TransportCase> {};

TEST_P(TransportConformance, Holds) {
  for_ranks([&](std::unique_ptr<Transport> ranks) { run_case(GetParam(), std::move(ranks)); }, kSmallPieces);
}

INSTANTIATE_TEST_SUITE_P(All, TransportConformance, testing::ValuesIn(transport_cases()),
                         [](const testing::TestParamInfo<TransportCase>& info) {
                           return std::string(info.param.check.name) + name(info.param.over);
                         });

}  // namespace dunlin::test
