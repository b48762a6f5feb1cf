#include "dunlin/transport/mpi_transport.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <thread>
#include <type_traits>

#include "mpi_alarm.hpp"
#include "mpi_call.hpp"

namespace dunlin {
namespace {

/// Requests that one poll tests: a bounded cost however many are open (about 3 ns each).
constexpr int kWindow = 64;
constexpr int kMostTags = 1 << 20;
constexpr std::size_t kMostPieceBytes = std::size_t{1} << 30;  // MPI counts in int
/// Looks that a destructor with open requests takes at them before it lets go.
constexpr int kLastLooks = 1000;

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

void require_usable(MPI_Comm comm, std::size_t piece_bytes) {
  if (!mpi::running())
    throw UsageError(
        "a transport over MPI needs MPI running, but it was not initialised, or has ended: call "
        "MPI_Init_thread before, or use local ranks");
  int level = MPI_THREAD_SINGLE, main_thread = 0, between_groups = 0;
  DUNLIN_MPI(MPI_Query_thread, &level);
  if (level < MPI_THREAD_FUNNELED)
    throw UsageError(
        "MPI was initialised for a single thread (MPI_THREAD_SINGLE), but Dunlin works with several: call "
        "MPI_Init_thread with MPI_THREAD_FUNNELED or more instead of MPI_Init");
  DUNLIN_MPI(MPI_Is_thread_main, &main_thread);
  if (!main_thread && level < MPI_THREAD_SERIALIZED)
    throw UsageError(
        "this thread did not initialise MPI, and MPI allows calls from that one only "
        "(MPI_THREAD_FUNNELED): make the context there, or initialise MPI with MPI_THREAD_SERIALIZED");
  if (comm == MPI_COMM_NULL)
    throw UsageError("expected a communicator, got MPI_COMM_NULL: this rank is not part of it");
  DUNLIN_MPI(MPI_Comm_test_inter, comm, &between_groups);
  if (between_groups)
    throw UsageError("expected an intracommunicator, got one between two groups: merge it with MPI_Intercomm_merge");
  if (piece_bytes < 1 || piece_bytes > kMostPieceBytes)
    throw UsageError("expected messages of 1 byte to 1 GiB at most, got a limit of " + std::to_string(piece_bytes));
}

mpi::Comm duplicate(MPI_Comm comm) {
  MPI_Comm copy = MPI_COMM_NULL;
  DUNLIN_MPI(MPI_Comm_dup, comm, &copy);
  mpi::Comm owned(copy);
  DUNLIN_MPI(MPI_Comm_set_errhandler, copy, MPI_ERRORS_RETURN);
  return owned;
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

int rank_in(MPI_Comm comm) {
  int rank = 0;
  DUNLIN_MPI(MPI_Comm_rank, comm, &rank);
  return rank;
}

int size_of(MPI_Comm comm) {
  int size = 0;
  DUNLIN_MPI(MPI_Comm_size, comm, &size);
  return size;
}

class MpiTransport final : public Transport {
 public:
  MpiTransport(MPI_Comm comm, std::size_t piece_bytes);
  ~MpiTransport() override;

  RequestId send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) override;
  RequestId receive(int peer, std::int64_t ordinal, std::span<std::byte> into) override;
  void poll(std::vector<Completion>& done) override;
  void start_agreement(const Agreement& mine) override;
  bool test_agreement(Agreement& result) override;
  void broadcast(std::vector<std::byte>& bytes, int root) override;
  void raise_alarm() override;
  void settle_alarm(bool any) override;

 private:
  /// One send or receive: what its pieces have carried, and how many are open.
  struct Operation {
    RequestId id;
    std::size_t bytes = 0;
    std::int64_t open = 0;
    bool sends = false;
  };
  struct Records {
    Agreement mine, all;
    MPI_Request request = MPI_REQUEST_NULL;
  };

  void find_node();
  void find_tags();
  int tag(std::int64_t ordinal) const { return static_cast<int>(ordinal % tags_); }
  std::int64_t pieces(std::size_t planned) const {
    return planned == 0 ? 1 : static_cast<std::int64_t>((planned - 1) / piece_bytes_ + 1);
  }
  std::size_t start(bool sends);
  void add_piece(std::size_t operation, MPI_Request request);
  void take_off(std::size_t index, const MPI_Status* status, std::vector<Completion>& done);
  void broadcast_bytes(void* bytes, std::size_t size, int root);
  void let_go();

  mpi::Comm data_, control_;
  mpi::Datatype record_type_;
  mpi::Op record_op_;
  MpiAlarm alarm_;
  std::size_t piece_bytes_;
  int tags_ = kMostTags;

  // Open pieces: MPI wants their requests side by side; piece k belongs to operations_[owners_[k]].
  std::vector<MPI_Request> requests_;
  std::vector<std::size_t> owners_;
  std::vector<Operation> operations_;
  std::vector<std::size_t> free_operations_;
  std::size_t cursor_ = 0;  // where the next poll's window begins
  std::int64_t next_id_ = 0;
  std::array<int, kWindow> finished_;
  std::array<MPI_Status, kWindow> statuses_;

  std::unique_ptr<Records> records_ = std::make_unique<Records>();  // MPI writes there while an agreement is open
};

MpiTransport::MpiTransport(MPI_Comm comm, std::size_t piece_bytes)
    : Transport(rank_in(comm), size_of(comm)),
      data_(duplicate(comm)),
      control_(duplicate(comm)),
      record_type_(agreement_type()),
      record_op_(agreement_op()),
      alarm_(control_.get(), rank(), size()),
      piece_bytes_(piece_bytes) {
  find_node();
  find_tags();
}

void MpiTransport::find_node() {
  MPI_Comm shared = MPI_COMM_NULL;
  DUNLIN_MPI(MPI_Comm_split_type, data_.get(), MPI_COMM_TYPE_SHARED, rank(), MPI_INFO_NULL, &shared);
  const mpi::Comm node(shared);
  node_size_ = size_of(node.get());
  node_rank_ = rank_in(node.get());
}

void MpiTransport::find_tags() {
  int* largest = nullptr;
  int found = 0;
  DUNLIN_MPI(MPI_Comm_get_attr, data_.get(), MPI_TAG_UB, &largest, &found);
  if (found && *largest < kMostTags) tags_ = *largest + 1;
}

std::size_t MpiTransport::start(bool sends) {
  if (free_operations_.empty()) {
    free_operations_.push_back(operations_.size());
    operations_.emplace_back();
  }
  const std::size_t slot = free_operations_.back();
  free_operations_.pop_back();
  operations_[slot] = {RequestId{next_id_++}, 0, 0, sends};
  return slot;
}

void MpiTransport::add_piece(std::size_t operation, MPI_Request request) {
  requests_.push_back(request);
  owners_.push_back(operation);
  ++operations_[operation].open;
}

RequestId MpiTransport::send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) {
  require(bytes.size() <= planned, "a message is larger than its edge was planned");
  const std::size_t operation = start(true);
  operations_[operation].bytes = bytes.size();
  for (std::int64_t left = pieces(planned); left > 0; --left) {
    const auto piece = bytes.first(std::min(piece_bytes_, bytes.size()));
    bytes = bytes.subspan(piece.size());
    MPI_Request request = MPI_REQUEST_NULL;
    DUNLIN_MPI(MPI_Isend, piece.data(), static_cast<int>(piece.size()), MPI_BYTE, peer, tag(ordinal), data_.get(),
               &request);
    add_piece(operation, request);
  }
  return operations_[operation].id;
}

RequestId MpiTransport::receive(int peer, std::int64_t ordinal, std::span<std::byte> into) {
  const std::size_t operation = start(false);
  for (std::int64_t left = pieces(into.size()); left > 0; --left) {
    const auto piece = into.first(std::min(piece_bytes_, into.size()));
    into = into.subspan(piece.size());
    MPI_Request request = MPI_REQUEST_NULL;
    DUNLIN_MPI(MPI_Irecv, piece.data(), static_cast<int>(piece.size()), MPI_BYTE, peer, tag(ordinal), data_.get(),
               &request);
    add_piece(operation, request);
  }
  return operations_[operation].id;
}

/// Takes the finished piece at `index` off the list, by moving the last one there. Without a status it has failed, and
/// its operation never completes.
void MpiTransport::take_off(std::size_t index, const MPI_Status* status, std::vector<Completion>& done) {
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
  done.push_back({operation.id, operation.bytes});
  free_operations_.push_back(owner);
}

void MpiTransport::poll(std::vector<Completion>& done) {
  alarmed_ = alarm_.poll();
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

void MpiTransport::start_agreement(const Agreement& mine) {
  if (!mpi::running()) throw UsageError("MPI has ended, but a context still lives: let it go before MPI_Finalize");
  require(records_->request == MPI_REQUEST_NULL, "one agreement at a time");
  records_->mine = mine;
  DUNLIN_MPI(MPI_Iallreduce, &records_->mine, &records_->all, 1, record_type_.get(), record_op_.get(), control_.get(),
             &records_->request);
}

bool MpiTransport::test_agreement(Agreement& result) {
  require(records_->request != MPI_REQUEST_NULL, "an agreement is tested after it was started");
  alarmed_ = alarm_.poll();
  int done = 0;
  DUNLIN_MPI(MPI_Test, &records_->request, &done, MPI_STATUS_IGNORE);
  if (done) result = records_->all;
  return done != 0;
}

void MpiTransport::broadcast_bytes(void* bytes, std::size_t size, int root) {
  auto* next = static_cast<std::byte*>(bytes);
  for (std::size_t left = size; left > 0;) {
    const std::size_t piece = std::min(left, piece_bytes_);
    MPI_Request request = MPI_REQUEST_NULL;
    DUNLIN_MPI(MPI_Ibcast, next, static_cast<int>(piece), MPI_BYTE, root, control_.get(), &request);
    mpi::wait_all({&request, 1});
    next += piece;
    left -= piece;
  }
}

void MpiTransport::broadcast(std::vector<std::byte>& bytes, int root) {
  std::uint64_t size = bytes.size();
  broadcast_bytes(&size, sizeof size, root);
  bytes.resize(size);
  broadcast_bytes(bytes.data(), bytes.size(), root);
}

void MpiTransport::raise_alarm() {
  alarm_.raise();
  alarmed_ = true;
}

void MpiTransport::settle_alarm(bool any) {
  if (any) alarm_.settle();
  alarmed_ = alarm_.known();
}

MpiTransport::~MpiTransport() {
  if (!mpi::running()) return;
  if (!requests_.empty() || records_->request != MPI_REQUEST_NULL || alarm_.known()) let_go();
}

/// Something is open: an exception is passing, and nobody may be waited for. Receives are cancelled, sends get a last
/// chance. The communicators stay: a message that arrives late would find its way into one that took their place.
void MpiTransport::let_go() {
  for (std::size_t k = 0; k < requests_.size(); ++k)
    if (!operations_[owners_[k]].sends && requests_[k] != MPI_REQUEST_NULL) MPI_Cancel(&requests_[k]);
  for (int look = 0; look < kLastLooks && !requests_.empty(); ++look) {
    std::erase(requests_, MPI_REQUEST_NULL);
    int done = 0;
    for (MPI_Request& request : requests_) MPI_Test(&request, &done, MPI_STATUS_IGNORE);  // null where it is done
    std::this_thread::yield();
  }
  for (MPI_Request& request : requests_)
    if (request != MPI_REQUEST_NULL) MPI_Request_free(&request);
  if (records_->request != MPI_REQUEST_NULL) records_.release();  // MPI may still write there
  data_.abandon();
  control_.abandon();
}

}  // namespace

template <class Comm>
std::unique_ptr<Transport> make_transport(Comm comm, std::size_t piece_bytes) {
  require_usable(comm, piece_bytes);
  return std::make_unique<MpiTransport>(comm, piece_bytes);
}

template std::unique_ptr<Transport> make_transport<MPI_Comm>(MPI_Comm, std::size_t);

}  // namespace dunlin
