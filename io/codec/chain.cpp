#include "chain.hpp"

#include <algorithm>
#include <cstring>

namespace dunlin {
namespace {

// What other encoders may need beyond our bound: deflate in small stored blocks, frames with checksums, empty frames.
std::size_t generous(const Codec& codec, std::size_t decoded) {
  const std::size_t bound = codec.encoded_bound(decoded);
  return codec.fixed_size() ? bound : bound + decoded / 8 + 4096;
}

[[noreturn]] void throw_wrong_size(std::size_t found, std::size_t promised) {
  throw BadData("decodes to " + std::to_string(found) + " bytes where " + std::to_string(promised) + " are promised");
}

}  // namespace

std::size_t CodecChain::encoded_bound(std::size_t decoded) const {
  for (const CodecPtr& codec : codecs_) decoded = codec->encoded_bound(decoded);
  return decoded;
}

std::vector<std::size_t> CodecChain::limits(std::size_t decoded, std::uint32_t skipped) const {
  std::vector<std::size_t> result{decoded};
  for (std::size_t k = 0; k < codecs_.size(); ++k) {
    const bool skip = k < 32 && (skipped >> k & 1);
    result.push_back(skip ? result.back() : generous(*codecs_[k], result.back()));
  }
  return result;
}

std::size_t CodecChain::stored_limit(std::size_t decoded) const { return limits(decoded, 0).back(); }

std::size_t CodecChain::encode_scratch(std::size_t decoded) const {
  std::size_t sum = 0;
  for (std::size_t k = 0; k + 1 < codecs_.size(); ++k) sum += decoded = codecs_[k]->encoded_bound(decoded);
  return sum;
}

std::size_t CodecChain::decode_scratch(std::size_t decoded) const {
  const auto limit = limits(decoded, 0);
  std::size_t sum = 0;
  for (std::size_t k = 1; k < codecs_.size(); ++k) sum += limit[k];
  return sum;
}

std::size_t CodecChain::encode(std::span<const std::byte> in, std::span<std::byte> out, BufferPool& pool) const {
  require(out.size() >= encoded_bound(in.size()), "CodecChain::encode: the output is as long as encoded_bound says");
  if (codecs_.empty()) {
    if (!in.empty()) std::memcpy(out.data(), in.data(), in.size());
    return in.size();
  }
  Buffer held;
  for (std::size_t k = 0; k + 1 < codecs_.size(); ++k) {
    Buffer next = pool.allocate(codecs_[k]->encoded_bound(in.size()));
    next.shrink(codecs_[k]->encode(in, next.bytes()));
    held = std::move(next);
    in = held.bytes();
  }
  return codecs_.back()->encode(in, out);
}

void CodecChain::decode(std::span<const std::byte> in, std::span<std::byte> out, BufferPool& pool,
                        std::uint32_t skipped) const {
  const auto limit = limits(out.size(), skipped);
  if (in.size() > limit.back()) throw_wrong_size(in.size(), out.size());
  std::vector<std::size_t> used;
  for (std::size_t k = 0; k < codecs_.size(); ++k)
    if (k >= 32 || !(skipped >> k & 1)) used.push_back(k);
  if (used.empty()) {
    if (in.size() != out.size()) throw_wrong_size(in.size(), out.size());
    if (!in.empty()) std::memcpy(out.data(), in.data(), in.size());
    return;
  }
  Buffer held;
  for (std::size_t n = used.size() - 1; n > 0; --n) {
    Buffer next = pool.allocate(limit[used[n]]);
    next.shrink(codecs_[used[n]]->decode(in, next.bytes()));
    held = std::move(next);
    in = held.bytes();
  }
  const std::size_t size = codecs_[used[0]]->decode(in, out);
  if (size != out.size()) throw_wrong_size(size, out.size());
}

double CodecChain::decode_cost() const {
  double cost = 0;
  for (const CodecPtr& codec : codecs_) cost += codec->decode_cost();
  return cost;
}

std::string CodecChain::description() const {
  std::string text;
  for (const CodecPtr& codec : codecs_) text += (text.empty() ? "" : ", ") + codec->name();
  return text.empty() ? "raw" : text;
}

}  // namespace dunlin
