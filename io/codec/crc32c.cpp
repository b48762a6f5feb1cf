#include <isa-l/crc.h>

#include <algorithm>

#include "checksum.hpp"

namespace dunlin {
namespace {

class Crc32c final : public Checksum {
 public:
  std::string name() const override { return "crc32c"; }

 private:
  std::uint32_t compute(std::span<const std::byte> bytes) const override {
    // ISA-L works on the inverted register and takes an int for the length.
    std::uint32_t sum = ~std::uint32_t{0};
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min<std::size_t>(bytes.size(), 1 << 30));
      // The function reads only; its argument is not const in ISA-L's header.
      sum = crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<std::byte*>(piece.data())),
                        static_cast<int>(piece.size()), sum);
      bytes = bytes.subspan(piece.size());
    }
    return ~sum;
  }
};

}  // namespace

CodecPtr make_crc32c() { return std::make_shared<Crc32c>(); }

}  // namespace dunlin
