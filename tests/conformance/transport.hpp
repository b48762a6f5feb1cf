#pragma once
// What every transport promises (transport.hpp), as checks that all ranks enter together, each with a transport that
// nobody has used. A check leaves nothing under way.

#include <vector>

#include "dunlin/transport/transport.hpp"

namespace dunlin::test {

struct TransportCheck {
  const char* name;  // CamelCase, the promise
  void (*run)(Transport& ranks);
};

const std::vector<TransportCheck>& transport_checks();

}  // namespace dunlin::test
