#pragma once
// Codecs one after the other, in the order in which they encode: {shuffle, deflate} shuffles, then deflates.
//
//   CodecChain chain({make_shuffle(4), make_zlib(1)});
//   std::size_t n = chain.encode(raw, out, pool);       out.size() >= chain.encoded_bound(raw.size())
//   chain.decode(out.first(n), raw, pool);              fills all of raw, else BadData
//
// Bytes pass from one codec to the next through at most two buffers of the pool. Encoded bytes of other programs may be
// a little longer than what ours would be; more than `stored_limit` is BadData, so that no file makes us allocate by
// what it claims. A chain is immutable and may be shared by threads.

#include <cstdint>
#include <span>
#include <vector>

#include "codecs.hpp"
#include "dunlin/memory/buffer.hpp"

namespace dunlin {

class CodecChain {
 public:
  CodecChain() = default;
  explicit CodecChain(std::vector<CodecPtr> codecs) : codecs_(std::move(codecs)) {}

  bool empty() const { return codecs_.empty(); }
  std::size_t size() const { return codecs_.size(); }

  /// Upper bound of encode's output.
  std::size_t encoded_bound(std::size_t decoded) const;
  /// Most encoded bytes that are accepted for `decoded` bytes: exact where every codec has a fixed size.
  std::size_t stored_limit(std::size_t decoded) const;
  /// Upper bound of the bytes that encode, and decode, take from the pool at one time.
  std::size_t encode_scratch(std::size_t decoded) const;
  std::size_t decode_scratch(std::size_t decoded) const;

  /// Encodes all of `in`; returns the bytes written to `out`.
  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out, BufferPool& pool) const;
  /// Decodes all of `in` into exactly all of `out`. Bit k of `skipped` leaves out codec k (HDF5's filter mask). Throws
  /// BadData.
  void decode(std::span<const std::byte> in, std::span<std::byte> out, BufferPool& pool,
              std::uint32_t skipped = 0) const;

  /// Nanoseconds of decoding per decoded byte, about.
  double decode_cost() const;
  /// "shuffle, deflate 1"; "raw" where empty.
  std::string description() const;

 private:
  // accepted_[k]: most bytes accepted after the first k codecs encoded `decoded` bytes.
  std::vector<std::size_t> limits(std::size_t decoded, std::uint32_t skipped) const;
  std::vector<CodecPtr> codecs_;
};

}  // namespace dunlin
