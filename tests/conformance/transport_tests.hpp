#pragma once
// The checks of transport.hpp as tests, over the plain and the checked transport. Included by one file per executable;
// for_ranks decides which transport that is.

#include <gtest/gtest.h>

#include <ostream>

#include "conformance/transport.hpp"
#include "dunlin/transport/checked_transport.hpp"
#include "support/ranks.hpp"

namespace dunlin::test {

/// Small pieces, so that messages are split without moving gigabytes.
inline constexpr std::size_t kSmallPieces = 65536;

struct TransportCase {
  TransportCheck check;
  bool checked;
  friend void PrintTo(const TransportCase& one, std::ostream* out) {
    *out << one.check.name << (one.checked ? ", checked" : "");
  }
};

inline std::vector<TransportCase> transport_cases() {
  std::vector<TransportCase> cases;
  for (const TransportCheck& check : transport_checks())
    for (bool checked : {false, true}) cases.push_back({check, checked});
  return cases;
}

inline void run_case(const TransportCase& one, std::unique_ptr<Transport> ranks) {
  if (one.checked)
    ranks = make_checked_transport(std::move(ranks), [](const std::string& leak) { ADD_FAILURE() << leak; });
  one.check.run(*ranks);
}

class TransportConformance : public testing::TestWithParam<TransportCase> {};

TEST_P(TransportConformance, Holds) {
  for_ranks([&](std::unique_ptr<Transport> ranks) { run_case(GetParam(), std::move(ranks)); }, kSmallPieces);
}

INSTANTIATE_TEST_SUITE_P(All, TransportConformance, testing::ValuesIn(transport_cases()),
                         [](const testing::TestParamInfo<TransportCase>& info) {
                           return std::string(info.param.check.name) + (info.param.checked ? "Checked" : "");
                         });

}  // namespace dunlin::test
