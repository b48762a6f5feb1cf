#include "dunlin/transport/mpi_transport.hpp"

#include <mpi.h>

#include <algorithm>
#include <exception>
#include <unordered_map>

#include "mpi_alarm.hpp"
#include "mpi_call.hpp"
#include "mpi_collectives.hpp"
#include "mpi_farewell.hpp"
#include "mpi_requests.hpp"
#include "send_credit.hpp"

namespace dunlin {
namespace {

constexpr int kMostTags = 1 << 20;
constexpr std::size_t kMostPieceBytes = std::size_t{1} << 30;  // MPI counts in int
/// Looks between two at whether somebody has left: it is rare, and nobody hurries.
constexpr unsigned kFarewellLooks = 16;

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
  void find_node();
  void find_tags();
  int tag(std::int64_t ordinal) const { return static_cast<int>(ordinal % tags_); }
  std::int64_t pieces(std::size_t planned) const {
    return planned == 0 ? 1 : static_cast<std::int64_t>((planned - 1) / piece_bytes_ + 1);
  }
  void post(const SendCredit::Message& message, std::span<const std::byte> bytes, SendCredit::Way way);
  void look();
  void hear_farewell(const char* waiting);
  template <class Collective>
  void together(const char* waiting, Collective&& collective);
  void let_go() noexcept;
  /// Runs the part of a call that talks to MPI. Where that fails, everything is let go first.
  template <class Call>
  auto talking(Call&& call) {
    if (broken_) throw TransportError("this transport has failed before: look for the error that came first");
    try {
      return call();
    } catch (...) {  // no memory: what was begun cannot be brought to its end either
      broken_ = true;
      let_go();
      throw;
    }
  }

  mpi::Comm data_, control_;
  MpiCollectives collectives_;
  MpiAlarm alarm_;
  MpiFarewell farewell_;
  std::size_t piece_bytes_;
  int tags_ = kMostTags;

  MpiRequests requests_;
  SendCredit credit_;
  std::unordered_map<std::size_t, std::span<const std::byte>> unsent_;  // what waits for credit, by operation
  std::vector<MpiRequests::Operation> finished_;
  std::vector<Completion> untold_;            // completions that the next poll names
  std::int64_t epoch_ = 0;                    // agreements so far: ordinals begin anew
  std::int64_t entered_ = 0, completed_ = 0;  // collectives
  unsigned looks_ = 0;
  bool broken_ = false;   // a call failed, or a rank has left
  bool leaving_ = false;  // the last agreement was about leaving
  const int exceptions_ = std::uncaught_exceptions();
};

MpiTransport::MpiTransport(MPI_Comm comm, std::size_t piece_bytes)
    : Transport(rank_in(comm), size_of(comm)),
      data_(duplicate(comm)),
      control_(duplicate(comm)),
      collectives_(control_.get()),
      alarm_(control_.get(), rank(), size()),
      farewell_(control_.get(), rank(), size()),
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

RequestId MpiTransport::send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) {
  require(bytes.size() <= planned, "a message is larger than its edge was planned");
  return talking([&] {
    const std::size_t operation = requests_.start(true, bytes.size());
    const SendCredit::Message message{peer, {epoch_, ordinal}, pieces(planned), bytes.size(), operation};
    const auto way = bytes.size() <= kSmallMessage ? credit_.admit(message) : SendCredit::Way::eager;
    if (way == SendCredit::Way::wait)
      unsent_.emplace(operation, bytes);
    else
      post(message, bytes, way);
    return requests_.operation(operation).id;
  });
}

void MpiTransport::post(const SendCredit::Message& message, std::span<const std::byte> bytes, SendCredit::Way way) {
  if (way == SendCredit::Way::probe) requests_.operation(message.operation).probes = message.peer;
  requests_.make_room(message.messages);
  for (std::int64_t left = message.messages; left > 0; --left) {
    const auto piece = bytes.first(std::min(piece_bytes_, bytes.size()));
    bytes = bytes.subspan(piece.size());
    const int count = static_cast<int>(piece.size()), at = tag(message.place.ordinal);
    MPI_Request request = MPI_REQUEST_NULL;
    if (way == SendCredit::Way::eager)
      DUNLIN_MPI(MPI_Isend, piece.data(), count, MPI_BYTE, message.peer, at, data_.get(), &request);
    else
      DUNLIN_MPI(MPI_Issend, piece.data(), count, MPI_BYTE, message.peer, at, data_.get(), &request);
    requests_.add_piece(message.operation, request);
  }
}

RequestId MpiTransport::receive(int peer, std::int64_t ordinal, std::span<std::byte> into) {
  return talking([&] {
    const std::size_t operation = requests_.start(false, 0);
    const std::int64_t count = pieces(into.size());
    requests_.make_room(count);
    for (std::int64_t left = count; left > 0; --left) {
      const auto piece = into.first(std::min(piece_bytes_, into.size()));
      into = into.subspan(piece.size());
      MPI_Request request = MPI_REQUEST_NULL;
      DUNLIN_MPI(MPI_Irecv, piece.data(), static_cast<int>(piece.size()), MPI_BYTE, peer, tag(ordinal), data_.get(),
                 &request);
      requests_.add_piece(operation, request);
    }
    return requests_.operation(operation).id;
  });
}

/// Takes in what has completed, and lets go on their way the sends that waited for it.
void MpiTransport::look() {
  finished_.clear();
  requests_.look(finished_);
  for (const MpiRequests::Operation& operation : finished_) {
    untold_.push_back({operation.id, operation.bytes});
    if (operation.probes < 0) continue;
    for (const auto& [message, way] : credit_.confirm(operation.probes)) {
      post(message, unsent_.at(message.operation), way);
      unsent_.erase(message.operation);
    }
  }
}

void MpiTransport::poll(std::vector<Completion>& done) {
  talking([&] {
    alarmed_ = alarm_.poll();
    look();
    if (++looks_ % kFarewellLooks == 0 && !requests_.empty()) hear_farewell("at an edge");
    done.insert(done.end(), untold_.begin(), untold_.end());
    untold_.clear();
  });
}

/// To be called, inside `talking`, where this rank waits for others: at edges, or in a collective.
void MpiTransport::hear_farewell(const char* waiting) {
  const auto left = farewell_.poll();
  if (!left || (requests_.empty() && left->collectives >= entered_)) return;
  throw RankLeft(static_cast<int>(left->rank), "rank " + std::to_string(rank()) + " waits " + waiting);
}

/// A collective that blocks, called with what to do while it does.
template <class Collective>
void MpiTransport::together(const char* waiting, Collective&& collective) {
  talking([&] {
    ++entered_;
    collective([&] { hear_farewell(waiting); });
    ++completed_;
  });
}

void MpiTransport::start_agreement(const Agreement& mine) {
  if (!mpi::running()) throw UsageError("MPI has ended, but a context still lives: let it go before MPI_Finalize");
  talking([&] {
    ++entered_;
    collectives_.start_agreement(mine);
  });
}

bool MpiTransport::test_agreement(Agreement& result) {
  const bool done = talking([&] {
    alarmed_ = alarm_.poll();
    if (credit_.waiting() > 0) look();  // nobody else lets them go on their way
    if (collectives_.test_agreement(result)) return true;
    if (++looks_ % kFarewellLooks == 0) hear_farewell("in an agreement");
    return false;
  });
  if (!done) return false;
  ++completed_;
  ++epoch_;
  leaving_ = result.call_max == static_cast<std::int32_t>(Call::leave);
  return true;
}

void MpiTransport::broadcast(std::vector<std::byte>& bytes, int root) {
  together("in a broadcast",
           [&](const auto& meanwhile) { collectives_.broadcast(bytes, root, piece_bytes_, meanwhile); });
}

void MpiTransport::raise_alarm() {
  talking([&] { alarm_.raise(); });
  alarmed_ = true;
}

void MpiTransport::settle_alarm(bool any) {
  if (any) together("at the end of a run", [&](const auto& meanwhile) { alarm_.settle(meanwhile); });
  alarmed_ = alarm_.known();
}

/// Something is open, and an exception is passing: nobody may be waited for. The communicators stay: a message that
/// arrives late would find its way into one that took their place. The others hear that this rank leaves.
void MpiTransport::let_go() noexcept {
  farewell_.tell({rank(), completed_});
  requests_.let_go();
  unsent_.clear();
  collectives_.let_go();
  data_.abandon();
  control_.abandon();
}

MpiTransport::~MpiTransport() {
  if (!mpi::running() || broken_) return;
  const bool unwinding = std::uncaught_exceptions() > exceptions_ && !leaving_;
  if (unwinding || !requests_.empty() || !unsent_.empty() || collectives_.open() || alarm_.known()) let_go();
}

}  // namespace

template <class Comm>
std::unique_ptr<Transport> make_transport(Comm comm, std::size_t piece_bytes) {
  require_usable(comm, piece_bytes);
  return std::make_unique<MpiTransport>(comm, piece_bytes);
}

template std::unique_ptr<Transport> make_transport<MPI_Comm>(MPI_Comm, std::size_t);

}  // namespace dunlin
