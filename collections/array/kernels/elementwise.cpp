#include "elementwise.hpp"

#include <limits>

namespace dunlin {
namespace {

template <class T>
const T* values(const std::byte* bytes) {
  return reinterpret_cast<const T*>(bytes);
}

template <class T, class F>
void binary_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  const T *a = values<T>(in[0]), *b = values<T>(in[1]);
  T* result = reinterpret_cast<T*>(out);
  for (std::size_t k = 0; k < n; ++k) result[k] = F()(a[k], b[k]);
}

template <class T, class F>
OpDescriptor binary(const char* name) {
  constexpr DType type = dtype_of<T>();
  return {name, 2, {type, type, type}, type, &binary_loop<T, F>, 1.0};
}

template <class F32, class F64>
const OpDescriptor& binary_op(const char* name, DType type) {
  static const OpDescriptor single = binary<float, F32>(name), twice = binary<double, F64>(name);
  if (type == DType::float32) return single;
  require(type == DType::float64, "arithmetic runs in float32 or float64");
  return twice;
}

template <class T>
struct Minus {
  T operator()(T a, T b) const { return a - b; }
};
template <class T>
struct Times {
  T operator()(T a, T b) const { return a * b; }
};
template <class T>
struct Plus {
  T operator()(T a, T b) const { return a + b; }
};

template <class From, class To>
void mask_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  const From *x = values<From>(in[0]), *marker = values<From>(in[1]);
  To* result = reinterpret_cast<To*>(out);
  for (std::size_t k = 0; k < n; ++k)
    result[k] = x[k] == marker[k] ? std::numeric_limits<To>::quiet_NaN() : static_cast<To>(x[k]);
}

template <class From, class To>
void mask_also_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  const To* value = values<To>(in[0]);
  const From *x = values<From>(in[1]), *marker = values<From>(in[2]);
  To* result = reinterpret_cast<To*>(out);
  for (std::size_t k = 0; k < n; ++k) result[k] = x[k] == marker[k] ? std::numeric_limits<To>::quiet_NaN() : value[k];
}

template <class From, class To>
const OpDescriptor& mask_of() {
  static const OpDescriptor op = {
      "mask_missing",       2,  {dtype_of<From>(), dtype_of<From>(), dtype_of<From>()}, dtype_of<To>(),
      &mask_loop<From, To>, 2.0};
  return op;
}

template <class From, class To>
const OpDescriptor& mask_also_of() {
  static const OpDescriptor op = {
      "mask_also", 3, {dtype_of<To>(), dtype_of<From>(), dtype_of<From>()}, dtype_of<To>(), &mask_also_loop<From, To>,
      2.0};
  return op;
}

bool single(DType to) {
  require(to.is_float(), "missing values are marked in float32 or float64");
  return to == DType::float32;
}

}  // namespace

const OpDescriptor& subtract_op(DType type) { return binary_op<Minus<float>, Minus<double>>("subtract", type); }
const OpDescriptor& multiply_op(DType type) { return binary_op<Times<float>, Times<double>>("multiply", type); }
const OpDescriptor& add_op(DType type) { return binary_op<Plus<float>, Plus<double>>("add", type); }

const OpDescriptor& mask_op(DType from, DType to) {
  return visit_real(from, [&](auto zero) -> const OpDescriptor& {
    return single(to) ? mask_of<decltype(zero), float>() : mask_of<decltype(zero), double>();
  });
}

const OpDescriptor& mask_also_op(DType from, DType to) {
  return visit_real(from, [&](auto zero) -> const OpDescriptor& {
    return single(to) ? mask_also_of<decltype(zero), float>() : mask_also_of<decltype(zero), double>();
  });
}

}  // namespace dunlin
