// Every codec: what it encodes it decodes, within its bound; what others encoded it decodes; what is damaged or of
// another size than promised is BadData, never a crash and never more than the promised bytes.

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "codec/codecs.hpp"
#include "zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::bytes_of;
using Bytes = std::vector<std::byte>;

struct Named {
  std::string name;
  CodecPtr codec;
  bool checks_content;  // a changed bit is always found
};

std::vector<Named> all_codecs() {
  const auto blosc = [](const char* compressor, BloscOptions::Shuffle shuffle, std::size_t element) {
    return make_blosc({compressor, 5, shuffle, element, 0});
  };
  return {{"gzip 1", make_gzip(1), true},
          {"gzip 5", make_gzip(5), true},
          {"gzip 9", make_gzip(9), true},
          {"deflate 0", make_zlib(0), true},
          {"deflate 1", make_zlib(1), true},
          {"deflate 9", make_zlib(9), true},
          {"zstd", make_zstd(1), false},
          {"zstd with checksum", make_zstd(19, true), true},
          {"zstd, fast", make_zstd(-5), false},
          {"blosc lz4", blosc("lz4", BloscOptions::bytes, 4), false},
          {"blosc zstd bits", blosc("zstd", BloscOptions::bits, 8), false},
          {"blosc zlib", blosc("zlib", BloscOptions::none, 1), false},
          {"blosc blosclz", blosc("blosclz", BloscOptions::bytes, 2), false},
          {"blosc lz4hc", blosc("lz4hc", BloscOptions::bytes, 3), false},
          {"blosc of long elements", blosc("lz4", BloscOptions::bytes, 1000), false},
          {"shuffle 4", make_shuffle(4), false},
          {"shuffle 7", make_shuffle(7), false},
          {"fletcher32", make_fletcher32(), false},  // 0x0000 and 0xffff are one to it
          {"crc32c", make_crc32c(), true},
          {"swap 1", make_byte_swap(1), false}};
}

Bytes noise(std::size_t size) {
  std::mt19937 random(7);
  Bytes bytes(size);
  for (std::byte& b : bytes) b = std::byte(random());
  return bytes;
}

struct Input {
  const char* why;
  Bytes bytes;
};

std::vector<Input> inputs() {
  Bytes ramp(300'000);
  for (std::size_t k = 0; k < ramp.size(); ++k) ramp[k] = std::byte(k / 1000);
  return {{"nothing", {}},
          {"one byte", bytes_of("x")},
          {"no whole number of elements", bytes_of("dunlins")},
          {"noise does not shrink", noise(100'003)},
          {"noise of one stored block", noise(65535)},
          {"noise of one byte more", noise(65536)},
          {"zeros shrink a thousandfold", Bytes(1 << 20)},
          {"several blocks", ramp}};
}

Bytes encoded(const Codec& codec, const Bytes& in) {
  Bytes out(codec.encoded_bound(in.size()));
  out.resize(codec.encode(in, out));
  return out;
}

TEST(Codec, DecodesWhatItEncodedWithinItsBound) {
  for (const auto& [name, codec, checks] : all_codecs())
    for (const auto& [why, in] : inputs()) {
      SCOPED_TRACE(name + ": " + why);
      const Bytes stored = encoded(*codec, in);
      EXPECT_LE(stored.size(), codec->encoded_bound(in.size()));
      if (codec->fixed_size()) {
        EXPECT_EQ(stored.size(), codec->encoded_bound(in.size()));
      }
      Bytes out(in.size());
      EXPECT_EQ(codec->decode(stored, out), in.size());
      EXPECT_EQ(out, in);
      EXPECT_EQ(encoded(*codec, in), stored) << "the same bytes in give the same bytes out";
    }
}

TEST(Codec, CompressorsShrinkWhatRepeats) {
  for (const auto& [name, codec, checks] : all_codecs())
    if (!codec->fixed_size()) {
      EXPECT_LT(encoded(*codec, Bytes(1 << 20)).size(), 12'000u) << name;
    }
}

TEST(Codec, GivesNoMoreThanThePromisedBytes) {
  const Bytes in = noise(1000);
  for (const auto& [name, codec, checks] : all_codecs()) {
    SCOPED_TRACE(name);
    const Bytes stored = encoded(*codec, in);
    Bytes out(1064, std::byte{0xa5});
    EXPECT_THROW(codec->decode(stored, std::span(out).first(999)), BadData) << "one byte too few";
    EXPECT_THROW(codec->decode(stored, {}), BadData);
    for (std::size_t k = 999; k < out.size(); ++k) ASSERT_EQ(out[k], std::byte{0xa5}) << "written behind the output";
    EXPECT_LE(codec->decode(stored, std::span(out).first(1000)), 1000u);
  }
}

// Decodes damaged bytes: they may be refused or, where nothing checks the content, come out changed.
void expect_no_crash(const Named& codec, const Bytes& in, const Bytes& damaged, bool must_be_found) {
  Bytes out(in.size());
  try {
    const std::size_t size = codec.codec->decode(damaged, out);
    ASSERT_LE(size, out.size());
    if (must_be_found) {
      EXPECT_TRUE(size == in.size() && out == in) << "damage passed unnoticed";
    }
  } catch (const BadData&) {}
}

TEST(Codec, NeverCrashesOnDamagedBytes) {
  Bytes in = noise(300);
  in.resize(3000, std::byte{3});
  for (const Named& codec : all_codecs()) {
    SCOPED_TRACE(codec.name);
    const Bytes stored = encoded(*codec.codec, in);
    for (std::size_t size = 0; size < stored.size(); ++size)
      expect_no_crash(codec, in, Bytes(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(size)), false);
    for (std::size_t bit = 0; bit < 8 * stored.size(); ++bit) {
      Bytes damaged = stored;
      damaged[bit / 8] ^= std::byte(1 << bit % 8);
      expect_no_crash(codec, in, damaged, codec.checks_content);
    }
    for (std::size_t size : {0, 1, 7, 15, 16, 17, 100}) expect_no_crash(codec, in, noise(size), false);
  }
}

TEST(Codec, ATruncatedStreamIsNamed) {
  const Bytes in = noise(1000);
  const auto message = [&](const CodecPtr& codec, std::size_t cut) -> std::string {
    Bytes stored = encoded(*codec, in), out(in.size());
    stored.resize(stored.size() - cut);
    try {
      codec->decode(stored, out);
    } catch (const BadData& error) {
      return error.what();
    }
    return "decoded";
  };
  EXPECT_EQ(message(make_gzip(1), 1), "gzip: the bytes end before the stream does");
  EXPECT_EQ(message(make_zlib(1), 500), "deflate: the bytes end before the stream does");
  EXPECT_EQ(message(make_blosc({}), 1), "blosc: the header does not describe the 1015 bytes stored");
  EXPECT_EQ(message(make_zstd(1), 3), "zstd: Src size is incorrect");
  EXPECT_EQ(message(make_crc32c(), 1), "crc32c: the checksum does not match the bytes");
  EXPECT_EQ(message(make_crc32c(), 1001), "crc32c: 3 bytes are too short for a checksum");
}

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t k = 0; k + 1 < hex.size(); k += 2)
    bytes.push_back(std::byte(std::stoul(hex.substr(k, 2), nullptr, 16)));
  return bytes;
}

// Made with Python's zlib and gzip and with numcodecs.
TEST(Codec, DecodesWhatOtherProgramsEncode) {
  const Bytes text = bytes_of("dunlin dunlin dunlin flies");
  std::vector<float> ramp(40);
  for (int k = 0; k < 40; ++k) ramp[k] = static_cast<float>(k);
  struct Case {
    const char* why;
    CodecPtr codec;
    std::string hex;
    Bytes decoded;
  };
  const std::string member = "1f8b08000000000002034b29cdcbc9cc534841a1d27232538b01ea3e7ec81a000000";
  Bytes twice = text;
  twice.insert(twice.end(), text.begin(), text.end());
  const Case cases[] = {
      {"zlib, level 9", make_zlib(1), "78da4b29cdcbc9cc534841a1d27232538b0188bd0a12", text},
      {"gzip", make_gzip(1), member, text},
      {"gzip of two members", make_gzip(1), member + member, twice},
      {"zstd with checksum", make_zstd(1), "28b52ffd241a9500006064756e6c696e20666c6965730100928b1160d3211c", text},
      {"blosc lz4", make_blosc({}),
       "02013104a0000000a00000005f00000014000000470000001f0001003dff2580004080a0c0e0001020304050607080889098a0a8b0b8c0c"
       "8"
       "d0d8e0e8f0f80004080c1014181c003f4040404040404141414141050000804242424242424242",
       bytes_of(ramp)},
      {"blosc zstd, bitshuffle, by a codec set up otherwise", make_blosc({}),
       "02019404a0000000a00000005b000000140000004300000028b52ffd20a0d50100d4020000aa0000aaaacc00aaccccf0a0ccf0f000c8f00"
       "0"
       "ff00f200ffff0002ff000000ff00fcffffffff00000000000400a00530028ae5720258",
       bytes_of(ramp)},
      {"shuffle", make_shuffle(4), "000000000000008000003f40", bytes_of(std::vector<float>{0, 1, 2})},
      {"crc32c", make_crc32c(), "64756e6c696e2064756e6c696e2064756e6c696e20666c696573620081a2", text},
      {"fletcher32", make_fletcher32(), "64756e6c696e2064756e6c696e2064756e6c696e20666c6965733fdbd461", text},
      {"fletcher32 of an odd size", make_fletcher32(), "64756e6c696e2064756e6c696e2064756e6c696e20666c6965ccda6161",
       Bytes(text.begin(), text.end() - 1)},
  };
  for (const auto& [why, codec, hex, decoded] : cases) {
    SCOPED_TRACE(why);
    Bytes out(decoded.size());
    EXPECT_EQ(codec->decode(from_hex(hex), out), decoded.size());
    EXPECT_EQ(out, decoded);
    if (codec->fixed_size()) {
      EXPECT_EQ(encoded(*codec, decoded), from_hex(hex)) << "and encodes alike";
    }
  }
}

TEST(Fletcher32, SumsByHand) {
  // Words 0x0102 and 0x0300: s1 = 0x0402, s2 = 0x0102 + 0x0402 = 0x0504, stored with the low half first.
  EXPECT_EQ(encoded(*make_fletcher32(), from_hex("010203")), from_hex("01020302040405"));
  // Old libraries stored each half with its bytes exchanged.
  Bytes out(3);
  EXPECT_EQ(make_fletcher32()->decode(from_hex("01020304020504"), out), 3u);
  EXPECT_THROW(make_fletcher32()->decode(from_hex("01020302040505"), out), BadData);
  // More words than fit one stretch between folds.
  const Bytes stored = encoded(*make_fletcher32(), Bytes(2001, std::byte{0xff}));
  EXPECT_EQ(Bytes(stored.end() - 4, stored.end()), from_hex("00ff00ff"));
}

TEST(Crc32c, HasItsCheckValue) {  // RFC 3720: of "123456789"
  const Bytes stored = encoded(*make_crc32c(), bytes_of("123456789"));
  EXPECT_EQ(Bytes(stored.end() - 4, stored.end()), from_hex("839206e3"));
}

TEST(ByteSwap, ReversesEachNumber) {
  for (const auto& [width, hex] :
       {std::pair{1, "0102030405060708"}, {2, "0201040306050807"}, {4, "0403020108070605"}, {8, "0807060504030201"}}) {
    Bytes bytes = from_hex("0102030405060708");
    EXPECT_EQ(encoded(*make_byte_swap(width), bytes), from_hex(hex));
    swap_bytes(bytes, width);
    EXPECT_EQ(bytes, from_hex(hex));
  }
  Bytes three(3);
  EXPECT_THROW(make_byte_swap(2)->decode(three, three), BadData);
}

TEST(Codec, SettingsThatDoNotExistAreNamed) {
  EXPECT_THROW(make_gzip(10), UsageError);
  EXPECT_THROW(make_zlib(-1), UsageError);
  EXPECT_THROW(make_zstd(23), UsageError);
  EXPECT_THROW(make_shuffle(0), UsageError);
  EXPECT_THROW(make_blosc({"lz4", 10, BloscOptions::bytes, 4, 0}), UsageError);
  try {
    make_blosc({"lzma", 5, BloscOptions::bytes, 4, 0});
    FAIL() << "blosc has no lzma";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("no compressor 'lzma', it has blosclz,lz4"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace dunlin
