// HDF5's shuffle (filter 2). For elements of E bytes, n = size / E of them:
//
//   decoded   a0 a1 … a(E-1)  b0 b1 … b(E-1)  …  tail        encoded   a0 b0 …  a1 b1 …  …  a(E-1) b(E-1) …  tail

#include <cstring>

#include "codecs.hpp"

namespace dunlin {
namespace {

// With E known at compile time the inner loop unrolls and vectorises.
template <std::size_t E>
void shuffle_fixed(const std::byte* in, std::byte* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < E; ++k) out[k * n + i] = in[i * E + k];
}

template <std::size_t E>
void unshuffle_fixed(const std::byte* in, std::byte* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < E; ++k) out[i * E + k] = in[k * n + i];
}

void shuffle_any(const std::byte* in, std::byte* out, std::size_t n, std::size_t element) {
  for (std::size_t k = 0; k < element; ++k)
    for (std::size_t i = 0; i < n; ++i) out[k * n + i] = in[i * element + k];
}

void unshuffle_any(const std::byte* in, std::byte* out, std::size_t n, std::size_t element) {
  for (std::size_t k = 0; k < element; ++k)
    for (std::size_t i = 0; i < n; ++i) out[i * element + k] = in[k * n + i];
}

class Shuffle final : public Codec {
 public:
  explicit Shuffle(std::size_t element) : element_(element) {}
  std::string name() const override { return "shuffle"; }
  std::size_t encoded_bound(std::size_t decoded) const override { return decoded; }
  bool fixed_size() const override { return true; }

  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    const std::size_t n = begin(in, out);
    switch (element_) {
      case 2:
        shuffle_fixed<2>(in.data(), out.data(), n);
        break;
      case 4:
        shuffle_fixed<4>(in.data(), out.data(), n);
        break;
      case 8:
        shuffle_fixed<8>(in.data(), out.data(), n);
        break;
      default:
        shuffle_any(in.data(), out.data(), n, element_);
    }
    return in.size();
  }

  std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    const std::size_t n = begin(in, out);
    switch (element_) {
      case 2:
        unshuffle_fixed<2>(in.data(), out.data(), n);
        break;
      case 4:
        unshuffle_fixed<4>(in.data(), out.data(), n);
        break;
      case 8:
        unshuffle_fixed<8>(in.data(), out.data(), n);
        break;
      default:
        unshuffle_any(in.data(), out.data(), n, element_);
    }
    return in.size();
  }

 private:
  // Checks the sizes, copies the tail, returns the number of whole elements.
  std::size_t begin(std::span<const std::byte> in, std::span<std::byte> out) const {
    if (in.size() > out.size())
      throw BadData("shuffle: " + std::to_string(in.size()) + " bytes where " + std::to_string(out.size()) +
                    " are promised");
    const std::size_t n = in.size() / element_;
    const std::size_t whole = n * element_;
    if (whole < in.size()) std::memcpy(out.data() + whole, in.data() + whole, in.size() - whole);
    return n;
  }
  std::size_t element_;
};

}  // namespace

CodecPtr make_shuffle(std::size_t element) {
  if (element == 0) throw UsageError("shuffle needs elements of at least one byte, got 0");
  return std::make_shared<Shuffle>(element);
}

}  // namespace dunlin
