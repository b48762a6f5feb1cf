#include "dunlin/transport/transport.hpp"

#include <thread>

namespace dunlin {

RankLeft::RankLeft(int rank, const std::string& waiting)
    : TransportError("rank " + std::to_string(rank) + " has left while " + waiting +
                     ": look for the error that ended it"),
      rank(rank) {}

Agreement Transport::agree(const Agreement& mine) {
  start_agreement(mine);
  Agreement result;
  while (!test_agreement(result)) std::this_thread::yield();  // there may be more ranks than cores
  return result;
}

}  // namespace dunlin
