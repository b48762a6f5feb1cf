#include "elementwise.hpp"

namespace dunlin {
namespace {

template <class From, class To>
void astype_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  const auto* x = reinterpret_cast<const From*>(in[0]);
  auto* result = reinterpret_cast<To*>(out);
  for (std::size_t k = 0; k < n; ++k) result[k] = static_cast<To>(x[k]);
}

/// Bools are bytes that are 0 or not, whatever a file put there.
template <class To>
void bool_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  auto* result = reinterpret_cast<To*>(out);
  for (std::size_t k = 0; k < n; ++k) result[k] = static_cast<To>(in[0][k] != std::byte{0});
}

template <class From, class To>
const OpDescriptor& astype_of() {
  static const OpDescriptor op = {"astype", 1, {dtype_of<From>(), {}, {}}, dtype_of<To>(), &astype_loop<From, To>, 1.0};
  return op;
}

template <class To>
const OpDescriptor& from_bool() {
  static const OpDescriptor op = {"astype", 1, {DType::boolean, {}, {}}, dtype_of<To>(), &bool_loop<To>, 1.0};
  return op;
}

}  // namespace

const OpDescriptor& astype_op(DType from, DType to) {
  return visit_real(to, [&](auto result) -> const OpDescriptor& {
    using To = decltype(result);
    if (from == DType::boolean) return from_bool<To>();
    return visit_real(from, [](auto value) -> const OpDescriptor& { return astype_of<decltype(value), To>(); });
  });
}

}  // namespace dunlin
