#pragma once
// One reversible transformation of bytes, and chains of them. Codecs are context-free: the same bytes in give the same
// bytes out, on any thread.
//
// Sizes are known before anything is decoded: `decode` gets an output span of the size that the metadata promises, and
// anything else that the encoded bytes say is BadData. No codec allocates by what encoded bytes claim.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// Encoded bytes that do not decode, or not to the promised size. `where` (file, chunk) is added by who knows it.
struct BadData : InputError {
  using InputError::InputError;
};

class Codec {
 public:
  virtual ~Codec() = default;
  /// "gzip", "shuffle".
  virtual std::string name() const = 0;
  /// Upper bound of encode's output for `decoded` bytes.
  virtual std::size_t encoded_bound(std::size_t decoded) const = 0;
  /// True where encode always yields exactly encoded_bound bytes (a shuffle, a checksum).
  virtual bool fixed_size() const { return false; }
  /// About how many nanoseconds decoding takes per decoded byte on one core: for choosing between reading again and
  /// keeping, never for results. Rates were measured on climate-like float32; 0 where it is next to nothing.
  virtual double decode_cost() const { return 0; }
  /// Encodes all of `in` into `out` (at least encoded_bound(in.size()) bytes); returns the bytes written.
  virtual std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const = 0;
  /// Decodes all of `in` into `out`; returns the bytes written, at most out.size(). Throws BadData.
  virtual std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const = 0;
};

}  // namespace dunlin
