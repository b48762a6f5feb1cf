#pragma once
// Which MPI library this process runs with.

#include <string>

namespace dunlin {

/// Name and version, as the library itself tells: "Open MPI v4.1.4". Works before MPI is started, and does not start
/// it.
std::string mpi_library();

}  // namespace dunlin
