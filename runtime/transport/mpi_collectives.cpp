#include "mpi_collectives.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "dunlin/base/error.hpp"

namespace dunlin {
namespace {

static_assert(std::is_trivially_copyable_v<Agreement>, "agreements travel as bytes");

/// MPI's view of `merge`. MPI's own buffers need not be aligned for an Agreement, hence the copies.
extern "C" void dunlin_merge_agreements(void* in, void* inout, int* count, MPI_Datatype*) {
  for (int k = 0; k < *count; ++k) {
    auto* left = static_cast<std::byte*>(in) + k * sizeof(Agreement);
    auto* right = static_cast<std::byte*>(inout) + k * sizeof(Agreement);
    Agreement a, b;
    std::memcpy(&a, left, sizeof a);
    std::memcpy(&b, right, sizeof b);
    const Agreement both = merge(a, b);
    std::memcpy(right, &both, sizeof both);
  }
}

mpi::Datatype agreement_type() {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  DUNLIN_MPI(MPI_Type_contiguous, static_cast<int>(sizeof(Agreement)), MPI_BYTE, &type);
  mpi::Datatype owned(type);
  DUNLIN_MPI(MPI_Type_commit, &type);
  return owned;
}

mpi::Op agreement_op() {
  MPI_Op op = MPI_OP_NULL;
  DUNLIN_MPI(MPI_Op_create, dunlin_merge_agreements, 1, &op);
  return mpi::Op(op);
}

/// What a broadcast works on: if it does not come to its end, this stays.
struct Parcel {
  std::uint64_t size;
  std::vector<std::byte> bytes;
};

}  // namespace

MpiCollectives::MpiCollectives(MPI_Comm comm)
    : comm_(comm), record_type_(agreement_type()), record_op_(agreement_op()) {}

void MpiCollectives::start_agreement(const Agreement& mine) {
  require(records_->request == MPI_REQUEST_NULL, "one agreement at a time");
  records_->mine = mine;
  DUNLIN_MPI(MPI_Iallreduce, &records_->mine, &records_->all, 1, record_type_.get(), record_op_.get(), comm_,
             &records_->request);
}

bool MpiCollectives::test_agreement(Agreement& result) {
  require(records_->request != MPI_REQUEST_NULL, "an agreement is tested after it was started");
  int done = 0;
  DUNLIN_MPI(MPI_Test, &records_->request, &done, MPI_STATUS_IGNORE);
  if (done) result = records_->all;
  return done != 0;
}

void MpiCollectives::send_pieces(void* bytes, std::size_t size, int root, std::size_t piece_bytes,
                                 const std::function<void()>& while_waiting) {
  auto* next = static_cast<std::byte*>(bytes);
  for (std::size_t left = size; left > 0;) {
    const std::size_t piece = std::min(left, piece_bytes);
    MPI_Request request = MPI_REQUEST_NULL;
    DUNLIN_MPI(MPI_Ibcast, next, static_cast<int>(piece), MPI_BYTE, root, comm_, &request);
    mpi::wait_all({&request, 1}, while_waiting);
    next += piece;
    left -= piece;
  }
}

void MpiCollectives::broadcast(std::vector<std::byte>& bytes, int root, std::size_t piece_bytes,
                               const std::function<void()>& while_waiting) {
  auto parcel = std::make_unique<Parcel>(Parcel{bytes.size(), std::move(bytes)});
  broadcasting_ = true;
  try {
    send_pieces(&parcel->size, sizeof parcel->size, root, piece_bytes, while_waiting);
    parcel->bytes.resize(parcel->size);
    send_pieces(parcel->bytes.data(), parcel->bytes.size(), root, piece_bytes, while_waiting);
  } catch (...) {
    mpi::leave_to_mpi(std::move(parcel));
    throw;
  }
  broadcasting_ = false;
  bytes = std::move(parcel->bytes);
}

void MpiCollectives::let_go() noexcept {
  if (records_ && records_->request != MPI_REQUEST_NULL) mpi::leave_to_mpi(std::move(records_));
}

}  // namespace dunlin
