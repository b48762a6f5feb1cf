#include <blosc.h>

#include "codecs.hpp"

namespace dunlin {
namespace {

constexpr const char* kShuffleNames[] = {"noshuffle", "shuffle", "bitshuffle"};

class Blosc final : public Codec {
 public:
  explicit Blosc(BloscOptions options) : options_(std::move(options)) {}
  double decode_cost() const override {
    return options_.compressor == "zstd" || options_.compressor == "zlib" ? 1.7 : 0.3;
  }
  std::string name() const override {
    return "blosc(" + options_.compressor + ", " + std::to_string(options_.level) + ", " +
           kShuffleNames[options_.shuffle] + ")";
  }
  std::size_t encoded_bound(std::size_t decoded) const override { return decoded + BLOSC_MAX_OVERHEAD; }

  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    if (in.size() > blosc_limit())
      throw UsageError("blosc holds at most " + std::to_string(blosc_limit()) + " bytes, a chunk has " +
                       std::to_string(in.size()) + ": choose smaller chunks or another codec");
    const int size = blosc_compress_ctx(options_.level, options_.shuffle, options_.element, in.size(), in.data(),
                                        out.data(), out.size(), options_.compressor.c_str(), options_.blocksize, 1);
    if (size <= 0) throw InternalError("blosc refused to encode with " + options_.compressor);
    return static_cast<std::size_t>(size);
  }

  std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    // The container says its own sizes: none of them is believed before it agrees with what we have and expect.
    std::size_t decoded = 0;
    if (in.size() < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(in.data(), in.size(), &decoded) != 0)
      throw BadData("blosc: the header does not describe the " + std::to_string(in.size()) + " bytes stored");
    if (decoded > out.size())
      throw BadData("blosc: holds " + std::to_string(decoded) + " bytes where " + std::to_string(out.size()) +
                    " are promised");
    if (decoded == 0) return 0;
    const int size = blosc_decompress_ctx(in.data(), out.data(), decoded, 1);
    if (size < 0 || static_cast<std::size_t>(size) != decoded)
      throw BadData("blosc: the compressed bytes are damaged, or of a compressor that this machine's blosc lacks");
    return decoded;
  }

 private:
  BloscOptions options_;
};

}  // namespace

std::size_t blosc_limit() { return BLOSC_MAX_BUFFERSIZE; }

CodecPtr make_blosc(const BloscOptions& options) {
  if (blosc_compname_to_compcode(options.compressor.c_str()) < 0)
    throw UsageError("blosc on this machine has no compressor '" + options.compressor + "', it has " +
                     blosc_list_compressors());
  if (options.level < 0 || options.level > 9)
    throw UsageError("blosc knows levels 0 to 9, not " + std::to_string(options.level));
  BloscOptions kept = options;
  if (kept.element == 0 || kept.element > BLOSC_MAX_TYPESIZE) kept.element = 1;
  return std::make_shared<Blosc>(std::move(kept));
}

}  // namespace dunlin
