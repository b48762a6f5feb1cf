#include <zstd.h>
#include <zstd_errors.h>

#include "codecs.hpp"

namespace dunlin {
namespace {

class Zstd final : public Codec {
 public:
  Zstd(int level, bool checksum) : level_(level), checksum_(checksum) {}
  double decode_cost() const override { return 0.9; }
  std::string name() const override { return "zstd " + std::to_string(level_); }
  std::size_t encoded_bound(std::size_t decoded) const override { return ZSTD_compressBound(decoded) + 4; }

  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    struct Free {
      void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
    if (!context) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level_);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, checksum_ ? 1 : 0);
    const std::size_t size = ZSTD_compress2(context.get(), out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(size)) {
      if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
      throw InternalError(std::string("zstd refused to encode: ") + ZSTD_getErrorName(size));
    }
    return size;
  }

  std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    const std::size_t size = ZSTD_decompress(out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(size)) throw BadData(std::string("zstd: ") + ZSTD_getErrorName(size));
    return size;
  }

 private:
  int level_;
  bool checksum_;
};

}  // namespace

CodecPtr make_zstd(int level, bool checksum) {
  if (level < ZSTD_minCLevel() || level > ZSTD_maxCLevel())
    throw UsageError("zstd knows levels " + std::to_string(ZSTD_minCLevel()) + " to " +
                     std::to_string(ZSTD_maxCLevel()) + ", not " + std::to_string(level));
  return std::make_shared<Zstd>(level, checksum);
}

}  // namespace dunlin
