#pragma once
// Matching by name: how two labelled arrays meet.
//
//   a (time, lat, lon)   b (lat, time)      →  result (time, lat, lon), a lies along {0, 1, 2}, b along {1, 0}
//
// The result's dimensions are those of a, then those that only b has, in order. A shared dimension has one length on
// both sides, and where both have its coordinate, equal values and units.

#include <span>
#include <string>
#include <vector>

#include "dunlin/array/elementwise.hpp"
#include "dunlin/labelled/variable.hpp"

namespace dunlin {

/// "dimension 'time' has length 240 in 'a' and 12 in 'b'".
struct LengthsDiffer : UsageError {
  LengthsDiffer(const std::string& dimension, const std::string& a, std::int64_t a_length, const std::string& b,
                std::int64_t b_length);
  std::string dimension;
};
/// "coordinate 'lat' differs: at position 3 it is 12.5 on the left and 13 on the right", or its units do.
struct CoordinatesDiffer : UsageError {
  CoordinatesDiffer(const std::string& dimension, const std::string& what);
  std::string dimension;
};

struct Match {
  std::vector<std::string> dims;
  OperandMap a, b;
  /// Chunks of the result: along every dimension those of the operand with more bytes that has it.
  ChunkGrid domain;
};

/// Throws LengthsDiffer; UsageError where one operand has a dimension twice.
Match match(const Variable& a, const Variable& b);
/// Throws CoordinatesDiffer unless two coordinate variables of one dimension say the same.
void check_coordinates(const Variable& a, const Variable& b);
/// Labels of a difference: of each name the one that both sides share, or that only one has; two that are not known to
/// be equal are left out (coordinates of shared dimensions are checked instead).
std::vector<Variable> common_labels(std::span<const Variable> a, std::span<const Variable> b,
                                    const std::vector<std::string>& dims);
/// Attributes of a difference: those that agree or that only one side has; `cell_methods` of the left.
Attributes common_attributes(const Attributes& a, const Attributes& b);

}  // namespace dunlin
