#pragma once
// What went wrong on one rank, in words that travel to the others, with the exception itself for this one.

#include <cstdint>
#include <exception>
#include <string>

#include "dunlin/base/error.hpp"

namespace dunlin {

struct Failure {
  ErrorCode code;
  std::int64_t task = -1;    // number in this rank's order; −1: no task's fault
  std::string layer, chunk;  // empty where it was no task's fault
  std::string text;
  std::exception_ptr original;
};

/// The exception being handled, as a failure without a place. Precondition: within a catch clause.
Failure current_failure();

}  // namespace dunlin
