#include "mpi_farewell.hpp"

#include <array>
#include <new>

#include "mpi_tree.hpp"

namespace dunlin {
namespace {
constexpr int kTag = 1;
constexpr int kNumbers = 2;
/// Looks at what was told before it is left to MPI.
constexpr int kLastLooks = 1000;
}  // namespace

MpiFarewell::MpiFarewell(MPI_Comm comm, int rank, int size)
    : neighbours_(tree_neighbours(rank, size)), comm_(comm), heard_(neighbours_.size(), MPI_REQUEST_NULL) {
  mail_->heard.resize(neighbours_.size());
  for (std::size_t k = 0; k < neighbours_.size(); ++k) listen(k);
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
  mpi::leave_to_mpi(std::move(mail_));
}

void MpiFarewell::listen(std::size_t neighbour) {
  DUNLIN_MPI(MPI_Irecv, &mail_->heard[neighbour], kNumbers, MPI_INT64_T, neighbours_[neighbour], kTag, comm_,
             &heard_[neighbour]);
}

std::optional<MpiFarewell::News> MpiFarewell::poll() {
  if (heard_.empty()) return left_;
  int count = 0;
  std::array<int, kMostNeighbours> which;
  DUNLIN_MPI(MPI_Testsome, static_cast<int>(heard_.size()), heard_.data(), &count, which.data(), MPI_STATUSES_IGNORE);
  for (int k = 0; k < count; ++k) {
    const auto from = static_cast<std::size_t>(which[k]);
    tell(mail_->heard[from]);
    listen(from);
  }
  return left_;
}

void MpiFarewell::tell(const News& news) noexcept {
  if (left_ && left_->collectives <= news.collectives) return;
  left_ = news;
  try {
    mail_->told.push_back(news);
    told_.resize(told_.size() + neighbours_.size(), MPI_REQUEST_NULL);
  } catch (const std::bad_alloc&) {
    return;
  }
  MPI_Request* request = told_.data() + told_.size() - neighbours_.size();
  for (int neighbour : neighbours_)
    MPI_Isend(&mail_->told.back(), kNumbers, MPI_INT64_T, neighbour, kTag, comm_, request++);
}

}  // namespace dunlin
