// Deflate in its two wrappers, through ISA-L.
//
//   gzip := member+                 member := header deflate crc32 length        RFC 1952
//   zlib := header deflate adler32                                               RFC 1950
//
// ISA-L counts bytes in 32 bits, so input and output pass in pieces. Where a stream would come out longer than the
// bound (noise), the bytes are stored instead: deflate's stored blocks make the bound exact.

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "codecs.hpp"

namespace dunlin {
namespace {

enum class Wrapper { gzip, zlib };

constexpr std::size_t kPiece = std::size_t{1} << 30;
constexpr std::size_t kStoredBlock = 65535;

std::uint8_t* raw(std::byte* bytes) { return reinterpret_cast<std::uint8_t*>(bytes); }
// ISA-L reads through pointers that its structures declare without const.
std::uint8_t* raw(const std::byte* bytes) { return raw(const_cast<std::byte*>(bytes)); }

int strength(int level) { return level <= 1 ? 1 : level <= 5 ? 2 : 3; }

std::uint32_t level_buffer_size(int strength) {
  return strength == 1 ? ISAL_DEF_LVL1_DEFAULT : strength == 2 ? ISAL_DEF_LVL2_DEFAULT : ISAL_DEF_LVL3_DEFAULT;
}

// Appends bytes to a span that is known to be long enough.
class Writer {
 public:
  explicit Writer(std::span<std::byte> out) : out_(out) {}
  void bytes(std::span<const std::byte> from) {
    require(from.size() <= out_.size() - at_, "deflate: the output is as long as its bound");
    if (!from.empty()) std::memcpy(out_.data() + at_, from.data(), from.size());
    at_ += from.size();
  }
  void byte(unsigned value) {
    const std::byte one{static_cast<std::uint8_t>(value)};
    bytes({&one, 1});
  }
  void little(std::uint32_t value, int count) {
    for (int k = 0; k < count; ++k) byte(value >> (8 * k) & 0xff);
  }
  void big32(std::uint32_t value) {
    for (int k = 3; k >= 0; --k) byte(value >> (8 * k) & 0xff);
  }
  std::size_t written() const { return at_; }

 private:
  std::span<std::byte> out_;
  std::size_t at_ = 0;
};

std::uint32_t crc32_of(std::span<const std::byte> in) { return crc32_gzip_refl(0, raw(in.data()), in.size()); }

// Adler-32 (RFC 1950): two sums modulo 65521. ISA-L's keeps its state unreduced.
std::uint32_t adler32_of(std::span<const std::byte> in) {
  const std::uint32_t state = isal_adler32(1, raw(in.data()), in.size());
  return (state >> 16) % 65521 << 16 | (state & 0xffff) % 65521;
}

std::size_t store_plain(Wrapper wrapper, std::span<const std::byte> in, std::span<std::byte> out) {
  Writer to(out);
  if (wrapper == Wrapper::gzip) {
    for (unsigned value : {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}) to.byte(value);
  } else {
    to.byte(0x78), to.byte(0x01);
  }
  std::span<const std::byte> rest = in;
  do {
    const auto block = rest.first(std::min(rest.size(), kStoredBlock));
    rest = rest.subspan(block.size());
    to.byte(rest.empty() ? 1 : 0);
    to.little(static_cast<std::uint32_t>(block.size()), 2);
    to.little(~static_cast<std::uint32_t>(block.size()) & 0xffff, 2);
    to.bytes(block);
  } while (!rest.empty());
  if (wrapper == Wrapper::gzip) {
    to.little(crc32_of(in), 4);
    to.little(static_cast<std::uint32_t>(in.size()), 4);
  } else {
    to.big32(adler32_of(in));
  }
  return to.written();
}

// Returns the bytes written, or 0 where `out` is too short.
std::size_t compress(Wrapper wrapper, int level, std::span<const std::byte> in, std::span<std::byte> out) {
  const auto stream = std::make_unique<isal_zstream>();
  isal_deflate_init(stream.get());
  stream->gzip_flag = wrapper == Wrapper::gzip ? IGZIP_GZIP : IGZIP_ZLIB;
  stream->level = strength(level);
  std::vector<std::uint8_t> level_buffer(level_buffer_size(strength(level)));
  stream->level_buf = level_buffer.data();
  stream->level_buf_size = level_buffer.size();
  std::size_t taken = 0, given = 0;
  while (stream->internal_state.state != ZSTATE_END) {
    if (stream->avail_in == 0) {
      stream->next_in = raw(in.data()) + taken;
      stream->avail_in = static_cast<std::uint32_t>(std::min(in.size() - taken, kPiece));
      taken += stream->avail_in;
      stream->end_of_stream = taken == in.size();
    }
    if (given == out.size()) return 0;
    stream->next_out = raw(out.data()) + given;
    stream->avail_out = static_cast<std::uint32_t>(std::min(out.size() - given, kPiece));
    const std::size_t offered = stream->avail_out;
    require(isal_deflate(stream.get()) == COMP_OK, "ISA-L takes the settings that we give it");
    given += offered - stream->avail_out;
  }
  return given;
}

const char* reason(int status) {
  switch (status) {
    case ISAL_INVALID_BLOCK:
      return "an invalid block";
    case ISAL_INVALID_SYMBOL:
      return "an invalid symbol";
    case ISAL_INVALID_LOOKBACK:
      return "a reference to before the start";
    case ISAL_INVALID_WRAPPER:
      return "an invalid header";
    case ISAL_UNSUPPORTED_METHOD:
      return "a method other than deflate";
    case ISAL_INCORRECT_CHECKSUM:
      return "a checksum that does not match";
    case ISAL_NEED_DICT:
      return "a preset dictionary, which we do not have";
    default:
      return "damaged bytes";
  }
}

// One stream at the start of `in`; advances `in` behind it and returns the bytes written.
std::size_t decompress(Wrapper wrapper, std::span<const std::byte>& in, std::span<std::byte> out) {
  const std::string name = wrapper == Wrapper::gzip ? "gzip" : "deflate";
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = wrapper == Wrapper::gzip ? ISAL_GZIP : ISAL_ZLIB;
  std::size_t taken = 0, given = 0;
  std::uint8_t beyond[16];  // what a stream longer than promised spills into
  while (state->block_state != ISAL_BLOCK_FINISH) {
    if (state->avail_in == 0) {
      state->next_in = raw(in.data()) + taken;
      state->avail_in = static_cast<std::uint32_t>(std::min(in.size() - taken, kPiece));
      taken += state->avail_in;
    }
    const bool full = given == out.size();
    state->next_out = full ? beyond : raw(out.data()) + given;
    state->avail_out = full ? sizeof beyond : static_cast<std::uint32_t>(std::min(out.size() - given, kPiece));
    const std::uint32_t offered = state->avail_out, before = state->avail_in;
    const int status = isal_inflate(state.get());
    if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT && status != ISAL_OUT_OVERFLOW)
      throw BadData(name + ": " + reason(status));
    const std::uint32_t produced = offered - state->avail_out;
    if (full && produced > 0)
      throw BadData(name + ": holds more than the " + std::to_string(out.size()) + " bytes promised");
    given += full ? 0 : produced;
    const bool moved = produced > 0 || state->avail_in != before;
    if (state->block_state != ISAL_BLOCK_FINISH && !moved)
      throw BadData(name + ": the bytes end before the stream does");
  }
  in = in.subspan(taken - state->avail_in);
  return given;
}

class Deflate final : public Codec {
 public:
  Deflate(Wrapper wrapper, int level) : wrapper_(wrapper), level_(level) {}
  double decode_cost() const override { return 1.4; }
  std::string name() const override {
    return (wrapper_ == Wrapper::gzip ? "gzip " : "deflate ") + std::to_string(level_);
  }
  std::size_t encoded_bound(std::size_t decoded) const override {
    return decoded + 5 * (decoded / kStoredBlock + 1) + 18;
  }
  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    const std::size_t size = in.empty() ? 0 : compress(wrapper_, level_, in, out.first(encoded_bound(in.size())));
    return size > 0 ? size : store_plain(wrapper_, in, out);
  }
  std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    std::size_t written = decompress(wrapper_, in, out);
    while (wrapper_ == Wrapper::gzip && !in.empty()) written += decompress(wrapper_, in, out.subspan(written));
    if (!in.empty()) throw BadData("deflate: " + std::to_string(in.size()) + " bytes follow the end of the stream");
    return written;
  }

 private:
  Wrapper wrapper_;
  int level_;
};

CodecPtr make_deflate(Wrapper wrapper, int level) {
  if (level < 0 || level > 9)
    throw UsageError((wrapper == Wrapper::gzip ? "gzip" : "deflate") + std::string(" knows levels 0 to 9, not ") +
                     std::to_string(level));
  return std::make_shared<Deflate>(wrapper, level);
}

}  // namespace

CodecPtr make_gzip(int level) { return make_deflate(Wrapper::gzip, level); }
CodecPtr make_zlib(int level) { return make_deflate(Wrapper::zlib, level); }

}  // namespace dunlin
