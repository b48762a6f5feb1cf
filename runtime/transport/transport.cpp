#include "dunlin/transport/transport.hpp"

#include <chrono>
#include <thread>

namespace dunlin {

RankLeft::RankLeft(int rank, const std::string& waiting)
    : TransportError("rank " + std::to_string(rank) + " has left while " + waiting +
                     ": look for the error that ended it"),
      rank(rank) {}

Agreement Transport::agree(const Agreement& mine) {
  // Others are mostly there within microseconds; where they share our core, or are long in coming, it is theirs.
  constexpr int kSpins = 100, kYields = 1000;
  const int spins = node_size_ <= static_cast<int>(std::thread::hardware_concurrency()) ? kSpins : 0;
  start_agreement(mine);
  Agreement result;
  for (int look = 0; !test_agreement(result); ++look) {
    if (look < spins) continue;
    if (look < spins + kYields)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  return result;
}

}  // namespace dunlin
