#include "dunlin/array/elementwise.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <type_traits>

#include "dunlin/graph/blockwise.hpp"
#include "kernels/elementwise.hpp"

namespace dunlin {
namespace {

DType common_float(DType a, DType b, const char* operation) {
  for (DType type : {a, b})
    if (!type.is_real())
      throw UsageError(std::string(operation) + " of " + to_string(a) + " and " + to_string(b) +
                       " is not defined: convert to a real type with astype before");
  return a == DType::float32 && b == DType::float32 ? DType::float32 : DType::float64;
}

/// The operand with the domain's chunks along every axis that it shares with it.
Array fitted(const Array& x, const OperandMap& map, const ChunkGrid& domain) {
  ChunkGrid grid = x.grid();
  for (int k = 0; k < x.rank(); ++k)
    if (map.axis[k] >= 0 && x.grid().length(k) == domain.length(static_cast<int>(map.axis[k])))
      grid = grid.with_axis_of(k, domain, static_cast<int>(map.axis[k]));
  return x.rechunk(grid);
}

/// Appends a conversion where the types differ.
Operand converted(Program& program, Operand operand, DType to) {
  if (program.type_of(operand) == to) return operand;
  return program.add(astype_op(program.type_of(operand), to), std::array{operand});
}

/// One program over one array.
Array map_array(const Array& x, const char* name, Program program) {
  return {x.context(), BlockwiseLayer::make(name, std::move(program), x.grid(), {x.layer()}, {straight(x.rank())})};
}

Program::Constant constant_of(DType type, const Marker& marker) {
  Program::Constant constant{type, {}};
  visit_real(type, [&](auto zero) {
    using T = decltype(zero);
    const T value = std::is_floating_point_v<T> ? static_cast<T>(marker.real) : static_cast<T>(marker.integer);
    std::memcpy(constant.value.data(), &value, sizeof value);
  });
  return constant;
}

}  // namespace

Array subtract(const Array& a, const OperandMap& a_map, const Array& b, const OperandMap& b_map,
               const ChunkGrid& domain, DType result) {
  const DType type = common_float(a.dtype(), b.dtype(), "the difference");
  require(result.is_float(), "a difference is float32 or float64");
  Program program;
  const Operand left = program.add_input(a.dtype()), right = program.add_input(b.dtype());
  const std::array arguments{converted(program, left, type), converted(program, right, type)};
  converted(program, program.add(subtract_op(type), arguments), result);
  return {a.context(),
          BlockwiseLayer::make("subtract", std::move(program), domain,
                               {fitted(a, a_map, domain).layer(), fitted(b, b_map, domain).layer()}, {a_map, b_map})};
}

Array subtract(const Array& a, const Array& b) {
  const int rank = std::max(a.rank(), b.rank());
  const auto map_of = [&](const Array& x) {
    OperandMap map;
    for (int k = 0; k < x.rank(); ++k) map.axis.push_back(rank - x.rank() + k);
    return map;
  };
  // Along every axis the domain takes the chunks of the operand that is long there, the first one's where both are.
  const Array& wide = a.rank() >= b.rank() ? a : b;
  const Array& other = a.rank() >= b.rank() ? b : a;
  ChunkGrid domain = wide.grid();
  for (int k = 0; k < other.rank(); ++k) {
    const int axis = rank - other.rank() + k;
    const std::int64_t here = domain.length(axis), there = other.grid().length(k);
    if (here == there || there == 1) continue;
    if (here != 1)
      throw UsageError("arrays of shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) +
                       " do not broadcast: axis " + std::to_string(axis) + " has lengths " + std::to_string(here) +
                       " and " + std::to_string(there));
    domain = domain.with_axis_of(axis, other.grid(), k);
  }
  return subtract(a, map_of(a), b, map_of(b), domain, common_float(a.dtype(), b.dtype(), "the difference"));
}

Array astype(const Array& x, DType type) {
  if (x.dtype() == type) return x;
  if (!type.is_real() || (!x.dtype().is_real() && x.dtype() != DType::boolean))
    throw UsageError("astype from " + to_string(x.dtype()) + " to " + to_string(type) +
                     " is not defined: both must be real types, or the first bool");
  Program program = Program::identity(x.dtype());
  converted(program, {Operand::From::input, 0}, type);
  return map_array(x, "astype", std::move(program));
}

Array mask_missing(const Array& x, const std::vector<Marker>& markers, DType type) {
  const DType from = x.dtype();
  if (!from.is_real())
    throw UsageError("missing values of " + to_string(from) + " cannot be marked: only real types have a NaN to go to");
  Program program = Program::identity(from);
  const Operand input{Operand::From::input, 0};
  std::optional<Operand> value;
  for (const Marker& marker : markers) {
    if (from.is_float() && marker.real != marker.real) continue;  // NaN is missing by itself
    const Operand constant = program.add_constant(constant_of(from, marker));
    if (!value)
      value = program.add(mask_op(from, type), std::array{input, constant});
    else
      value = program.add(mask_also_op(from, type), std::array{*value, input, constant});
  }
  if (!value) return astype(x, type);
  return map_array(x, "mask missing", std::move(program));
}

Array scale_offset(const Array& x, double scale, double offset) {
  require(x.dtype().is_float(), "packed values are unpacked in float32 or float64");
  if (scale == 1 && offset == 0) return x;
  Program program = Program::identity(x.dtype());
  const auto constant = [&](double value) {
    return x.dtype() == DType::float32 ? program.add_constant(static_cast<float>(value)) : program.add_constant(value);
  };
  Operand value{Operand::From::input, 0};
  if (scale != 1) value = program.add(multiply_op(x.dtype()), std::array{value, constant(scale)});
  if (offset != 0) value = program.add(add_op(x.dtype()), std::array{value, constant(offset)});
  return map_array(x, "scale and offset", std::move(program));
}

}  // namespace dunlin
