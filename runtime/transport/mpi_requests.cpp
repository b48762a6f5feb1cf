#include "mpi_requests.hpp"

#include <algorithm>
#include <thread>

namespace dunlin {
namespace {
/// Looks at open sends before they are left to MPI.
constexpr int kLastLooks = 1000;
}  // namespace

std::size_t MpiRequests::start(bool sends, std::size_t bytes) {
  if (free_operations_.empty()) {
    operations_.emplace_back();
    free_operations_.reserve(operations_.capacity());  // for the slots of all of them
    free_operations_.push_back(operations_.size() - 1);
  }
  const std::size_t slot = free_operations_.back();
  free_operations_.pop_back();
  operations_[slot] = {.id = RequestId{next_id_++}, .bytes = bytes, .sends = sends};
  return slot;
}

void MpiRequests::make_room(std::int64_t pieces) {
  const std::size_t needed = requests_.size() + static_cast<std::size_t>(pieces);
  if (needed <= requests_.capacity() && needed <= owners_.capacity()) return;
  requests_.reserve(2 * needed);
  owners_.reserve(2 * needed);
}

void MpiRequests::add_piece(std::size_t slot, MPI_Request request) noexcept {
  requests_.push_back(request);
  owners_.push_back(slot);
  ++operations_[slot].open;
}

/// Takes the finished piece at `index` off the list, by moving the last one there. Without a status it has failed, and
/// its operation never completes.
void MpiRequests::take_off(std::size_t index, const MPI_Status* status, std::vector<Operation>& done) {
  const std::size_t owner = owners_[index];
  requests_[index] = requests_.back();
  owners_[index] = owners_.back();
  requests_.pop_back();
  owners_.pop_back();
  if (status == nullptr) return;
  Operation& operation = operations_[owner];
  if (!operation.sends) {
    int bytes = 0;
    DUNLIN_MPI(MPI_Get_count, status, MPI_BYTE, &bytes);
    operation.bytes += static_cast<std::size_t>(bytes);
  }
  if (--operation.open > 0) return;
  done.push_back(operation);
  free_operations_.push_back(owner);
}

void MpiRequests::look(std::vector<Operation>& done) {
  if (requests_.empty()) return;
  if (cursor_ >= requests_.size()) cursor_ = 0;
  const int window = static_cast<int>(std::min<std::size_t>(kWindow, requests_.size() - cursor_));
  int count = 0;
  const int code = MPI_Testsome(window, requests_.data() + cursor_, &count, finished_.data(), statuses_.data());
  if (code != MPI_ERR_IN_STATUS) mpi::check("MPI_Testsome", code);
  count = std::max(count, 0);  // MPI_UNDEFINED is negative
  // From the back, so that the piece that moves into a gap is none that is still to be taken off.
  std::array<int, kWindow> order;
  for (int k = 0; k < count; ++k) order[k] = k;
  std::sort(order.begin(), order.begin() + count, [&](int a, int b) { return finished_[a] > finished_[b]; });
  for (int k = 0; k < count; ++k) {
    const bool failed = code == MPI_ERR_IN_STATUS && statuses_[order[k]].MPI_ERROR != MPI_SUCCESS;
    take_off(cursor_ + static_cast<std::size_t>(finished_[order[k]]), failed ? nullptr : &statuses_[order[k]], done);
  }
  cursor_ += static_cast<std::size_t>(window - count);
  if (code != MPI_ERR_IN_STATUS) return;
  for (int k = 0; k < count; ++k) mpi::check("MPI_Testsome", statuses_[k].MPI_ERROR);
}

void MpiRequests::let_go() noexcept {
  for (std::size_t k = 0; k < requests_.size(); ++k)
    if (!operations_[owners_[k]].sends) MPI_Cancel(&requests_[k]);
  for (int look = 0; look < kLastLooks && !requests_.empty(); ++look) {
    int done = 0;
    for (MPI_Request& request : requests_) MPI_Test(&request, &done, MPI_STATUS_IGNORE);  // null where it is done
    std::erase(requests_, MPI_REQUEST_NULL);
    std::this_thread::yield();
  }
  for (MPI_Request& request : requests_) MPI_Request_free(&request);
  requests_.clear();
  owners_.clear();
}

}  // namespace dunlin
