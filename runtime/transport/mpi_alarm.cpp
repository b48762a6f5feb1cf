#include "mpi_alarm.hpp"

#include <array>

#include "mpi_tree.hpp"

namespace dunlin {
namespace {
constexpr int kTag = 0;
}  // namespace

MpiAlarm::MpiAlarm(MPI_Comm comm, int rank, int size) : comm_(comm), neighbours_(tree_neighbours(rank, size)) {
  heard_.assign(neighbours_.size(), MPI_REQUEST_NULL);
  told_.assign(neighbours_.size(), MPI_REQUEST_NULL);
  listen();
}

MpiAlarm::~MpiAlarm() {
  if (!mpi::running()) return;
  for (MPI_Request& request : heard_) {
    if (request == MPI_REQUEST_NULL) continue;
    MPI_Cancel(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);  // local: either the cancel or the message wins
  }
  for (MPI_Request& request : told_)
    if (request != MPI_REQUEST_NULL) MPI_Request_free(&request);  // an empty message: it needs no memory of ours
}

void MpiAlarm::listen() {
  for (std::size_t k = 0; k < neighbours_.size(); ++k)
    DUNLIN_MPI(MPI_Irecv, nullptr, 0, MPI_BYTE, neighbours_[k], kTag, comm_, &heard_[k]);
}

bool MpiAlarm::poll() {
  if (known_ || heard_.empty()) return known_;
  int count = 0;
  std::array<int, kMostNeighbours> which;
  DUNLIN_MPI(MPI_Testsome, static_cast<int>(heard_.size()), heard_.data(), &count, which.data(), MPI_STATUSES_IGNORE);
  if (count > 0) raise();
  return known_;
}

void MpiAlarm::raise() {
  if (known_) return;
  known_ = true;
  for (std::size_t k = 0; k < neighbours_.size(); ++k)
    DUNLIN_MPI(MPI_Isend, nullptr, 0, MPI_BYTE, neighbours_[k], kTag, comm_, &told_[k]);
}

void MpiAlarm::settle(const std::function<void()>& while_waiting) {
  raise();
  mpi::wait_all(heard_, while_waiting);
  mpi::wait_all(told_, while_waiting);
  known_ = false;
  listen();
}

}  // namespace dunlin
