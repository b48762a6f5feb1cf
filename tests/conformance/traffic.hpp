#pragma once
// Messages of a test: bytes that tell where they come from, and a way to wait for many requests at once.

#include <cstddef>
#include <cstdint>
#include <map>
#include <thread>
#include <vector>

#include "dunlin/transport/transport.hpp"

namespace dunlin::test {

/// Bytes that differ for every sender, receiver, edge and position.
inline std::vector<std::byte> pattern(int from, int to, std::int64_t ordinal, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint64_t state =
      0x9e3779b97f4a7c15u * (1 + static_cast<std::uint64_t>(from) * 1009 + static_cast<std::uint64_t>(to) * 17 +
                             static_cast<std::uint64_t>(ordinal) * 1000003);
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

/// The requests of one rank and what came of them.
class Traffic {
 public:
  explicit Traffic(Transport& ranks) : ranks_(ranks) {}

  RequestId send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) {
    ++open_;
    return ranks_.send(peer, ordinal, bytes, planned);
  }
  RequestId receive(int peer, std::int64_t ordinal, std::span<std::byte> into) {
    ++open_;
    return ranks_.receive(peer, ordinal, into);
  }
  /// One poll; gives the processor away where nothing came.
  void step() {
    done_.clear();
    ranks_.poll(done_);
    for (const Completion& one : done_) results_[one.request] = one.bytes;
    open_ -= static_cast<std::int64_t>(done_.size());
    if (done_.empty()) std::this_thread::yield();
  }
  void finish() {
    while (open_ > 0) step();
  }
  std::int64_t open() const { return open_; }
  bool done(RequestId request) const { return results_.contains(request); }
  std::size_t bytes(RequestId request) const { return results_.at(request); }

 private:
  Transport& ranks_;
  std::vector<Completion> done_;
  std::map<RequestId, std::size_t> results_;
  std::int64_t open_ = 0;
};

}  // namespace dunlin::test
