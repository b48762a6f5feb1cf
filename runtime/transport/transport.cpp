#include "dunlin/transport/transport.hpp"

#include <thread>

namespace dunlin {

Agreement Transport::agree(const Agreement& mine) {
  start_agreement(mine);
  Agreement result;
  while (!test_agreement(result)) std::this_thread::yield();  // there may be more ranks than cores
  return result;
}

}  // namespace dunlin
