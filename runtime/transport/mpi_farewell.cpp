#include "mpi_farewell.hpp"

#include <array>

#include "mpi_tree.hpp"

namespace dunlin {
namespace {
constexpr int kTag = 1;
/// Looks at what was told before it is left to MPI.
constexpr int kLastLooks = 1000;
}  // namespace

MpiFarewell::MpiFarewell(MPI_Comm comm, int rank, int size)
    : neighbours_(tree_neighbours(rank, size)),
      comm_(comm),
      news_(std::make_unique<std::vector<int>>(neighbours_.size() + 1)),
      heard_(neighbours_.size(), MPI_REQUEST_NULL) {
  for (std::size_t k = 0; k < neighbours_.size(); ++k)
    DUNLIN_MPI(MPI_Irecv, &(*news_)[k], 1, MPI_INT, neighbours_[k], kTag, comm_, &heard_[k]);
}

MpiFarewell::~MpiFarewell() {
  if (!mpi::running()) return;
  for (MPI_Request& request : heard_) {
    if (request == MPI_REQUEST_NULL) continue;
    MPI_Cancel(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);  // local: either the cancel or the message wins
  }
  int done = told_.empty() ? 1 : 0;
  for (int look = 0; look < kLastLooks && !done; ++look)
    MPI_Testall(static_cast<int>(told_.size()), told_.data(), &done, MPI_STATUSES_IGNORE);
  if (done) return;
  for (MPI_Request& request : told_)
    if (request != MPI_REQUEST_NULL) MPI_Request_free(&request);
  news_.release();  // MPI may still read there
}

std::optional<int> MpiFarewell::poll() {
  if (left_ || heard_.empty()) return left_;
  int count = 0;
  std::array<int, kMostNeighbours> which;
  DUNLIN_MPI(MPI_Testsome, static_cast<int>(heard_.size()), heard_.data(), &count, which.data(), MPI_STATUSES_IGNORE);
  if (count > 0) tell((*news_)[static_cast<std::size_t>(which[0])]);
  return left_;
}

void MpiFarewell::tell(int rank) noexcept {
  if (left_) return;
  left_ = rank;
  news_->back() = rank;
  told_.assign(neighbours_.size(), MPI_REQUEST_NULL);
  for (std::size_t k = 0; k < neighbours_.size(); ++k)
    MPI_Isend(&news_->back(), 1, MPI_INT, neighbours_[k], kTag, comm_, &told_[k]);
}

}  // namespace dunlin
