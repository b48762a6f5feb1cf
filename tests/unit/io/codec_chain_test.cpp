// A chain decodes exactly the promised bytes, through the scratch it announced.

#include "codec/chain.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dunlin {
namespace {

using Bytes = std::vector<std::byte>;

Bytes ramp(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t k = 0; k < size; ++k) bytes[k] = std::byte(k * k >> 4);
  return bytes;
}

struct Case {
  const char* why;
  CodecChain chain;
  const char* description;
};

std::vector<Case> cases() {
  return {{"no codec", CodecChain(), "raw"},
          {"one", CodecChain({make_zstd(3)}), "zstd 3"},
          {"as HDF5 has it", CodecChain({make_shuffle(4), make_zlib(1), make_fletcher32()}),
           "shuffle, deflate 1, fletcher32"},
          {"a compressor behind a compressor", CodecChain({make_gzip(1), make_blosc({})}),
           "gzip 1, blosc(lz4, 5, shuffle)"},
          {"swap only", CodecChain({make_byte_swap(4)}), "big-endian"},
          {"four", CodecChain({make_byte_swap(2), make_shuffle(2), make_zstd(1), make_crc32c()}),
           "big-endian, shuffle, zstd 1, crc32c"}};
}

TEST(CodecChain, DecodesWhatItEncodedThroughTheScratchItAnnounced) {
  for (const auto& [why, chain, description] : cases())
    for (std::size_t size : {0, 4, 4096, 100'000}) {
      SCOPED_TRACE(std::string(why) + ", " + std::to_string(size) + " bytes");
      const Bytes raw = ramp(size);
      Bytes stored(chain.encoded_bound(size)), out(size);
      BufferPool encoding, decoding;
      stored.resize(chain.encode(raw, stored, encoding));
      EXPECT_LE(stored.size(), chain.stored_limit(size));
      EXPECT_LE(encoding.peak_lent_bytes(), chain.encode_scratch(size));
      chain.decode(stored, out, decoding);
      EXPECT_EQ(out, raw);
      EXPECT_LE(decoding.peak_lent_bytes(), chain.decode_scratch(size));
      EXPECT_EQ(chain.description(), description);
    }
}

TEST(CodecChain, RefusesAnyOtherSizeThanThePromisedOne) {
  for (const auto& [why, chain, description] : cases()) {
    SCOPED_TRACE(why);
    const Bytes raw = ramp(4000);
    BufferPool pool;
    Bytes stored(chain.encoded_bound(raw.size())), out(8000);
    stored.resize(chain.encode(raw, stored, pool));
    for (std::size_t promised : {0, 3996, 4004, 8000})
      EXPECT_THROW(chain.decode(stored, std::span(out).first(promised), pool), BadData) << promised;
  }
}

TEST(CodecChain, SaysBothSizes) {
  BufferPool pool;
  Bytes stored(8), out(4);
  try {
    CodecChain().decode(stored, out, pool);
    FAIL() << "eight bytes were decoded into four";
  } catch (const BadData& error) {
    EXPECT_STREQ(error.what(), "decodes to 8 bytes where 4 are promised");
  }
}

TEST(CodecChain, RefusesMoreBytesThanAnyEncodingHasBeforeItTakesMemory) {
  BufferPool pool;
  const CodecChain chain({make_shuffle(4), make_zlib(1)});
  Bytes out(4000), stored(chain.stored_limit(4000) + 1);
  EXPECT_THROW(chain.decode(stored, out, pool), BadData);
  EXPECT_EQ(pool.peak_lent_bytes(), 0u);
}

TEST(CodecChain, LeavesOutTheCodecsOfTheMask) {
  const Bytes raw = ramp(4096);
  const std::vector<CodecPtr> codecs = {make_shuffle(4), make_zlib(1), make_fletcher32()};
  const CodecChain whole(codecs);
  for (std::uint32_t mask = 0; mask < 8; ++mask) {
    std::vector<CodecPtr> used;
    for (std::size_t k = 0; k < 3; ++k)
      if (!(mask >> k & 1)) used.push_back(codecs[k]);
    const CodecChain written(used);
    BufferPool pool;
    Bytes stored(written.encoded_bound(raw.size())), out(raw.size());
    stored.resize(written.encode(raw, stored, pool));
    whole.decode(stored, out, pool, mask);
    EXPECT_EQ(out, raw) << "mask " << mask;
  }
}

}  // namespace
}  // namespace dunlin
