#pragma once
// What this process holds of MPI: to be the same after a piece of work as before. Over local ranks there is nothing to
// hold.

#include <ostream>

namespace dunlin::test {

struct HeldHandles {
  int communicators = 0, datatypes = 0, operations = 0, requests = 0;
  friend bool operator==(const HeldHandles&, const HeldHandles&) = default;
  friend std::ostream& operator<<(std::ostream& out, const HeldHandles& held) {
    return out << held.communicators << " communicators, " << held.datatypes << " datatypes, " << held.operations
               << " operations, " << held.requests << " requests";
  }
};

HeldHandles held_handles();
/// Most communicators at one time, since the last call.
int most_communicators();

}  // namespace dunlin::test
