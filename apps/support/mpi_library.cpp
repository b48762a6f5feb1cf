#include "support/mpi_library.hpp"

#include <mpi.h>

namespace dunlin {

// Open MPI: "Open MPI v4.1.4, package: …"; MPICH: "MPICH Version:\t4.0.2\nMPICH Release date:…".
std::string mpi_library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text);
  std::string line;
  for (char c : all.substr(0, all.find_first_of(",\n"))) line += c == '\t' ? ' ' : c;
  return line;
}

}  // namespace dunlin
