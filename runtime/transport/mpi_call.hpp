#pragma once
// The one way to call MPI, and the owners of what it gives out. Private to the transport.
//
//   DUNLIN_MPI(MPI_Comm_rank, comm, &rank);     a failure is TransportError: "MPI_Comm_rank failed: <MPI's own text>"
//
// An `MpiOwned` frees its handle when it goes, unless MPI has ended by then.

#include <mpi.h>

#include <functional>
#include <memory>
#include <span>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __lsan_ignore_object(const void* object);  // sanitizer/lsan_interface.h
#endif

namespace dunlin::mpi {

[[noreturn]] void fail(const char* call, int code);

inline void check(const char* call, int code) {
  if (code != MPI_SUCCESS) fail(call, code);
}

#define DUNLIN_MPI(call, ...) ::dunlin::mpi::check(#call, call(__VA_ARGS__))

/// Whether MPI can be called at all: initialised, and not yet ended.
bool running();

/// Blocks until all requests are complete, giving the processor away in between; what `while_waiting` throws ends the
/// wait, and leaves the requests open.
void wait_all(std::span<MPI_Request> requests, const std::function<void()>& while_waiting);

/// Leaves memory to MPI, which may still read or write it through a request that nobody waits for any more: it lives as
/// long as the process. A leak that is meant, which a checker of leaks is told.
template <class T>
void leave_to_mpi(std::unique_ptr<T> memory) noexcept {
  [[maybe_unused]] const T* left = memory.release();
#if defined(__SANITIZE_ADDRESS__)
  __lsan_ignore_object(left);
#endif
}

template <class Handle, int (*Free)(Handle*)>
class MpiOwned {
 public:
  explicit MpiOwned(Handle handle) : handle_(handle), owned_(true) {}
  MpiOwned(MpiOwned&& other) noexcept : handle_(other.handle_), owned_(std::exchange(other.owned_, false)) {}
  MpiOwned& operator=(MpiOwned&&) = delete;
  ~MpiOwned() {
    if (owned_ && running()) Free(&handle_);
  }
  Handle get() const { return handle_; }
  /// Gives up the handle without freeing it.
  void abandon() { owned_ = false; }

 private:
  Handle handle_;
  bool owned_;
};

using Comm = MpiOwned<MPI_Comm, MPI_Comm_free>;
using Datatype = MpiOwned<MPI_Datatype, MPI_Type_free>;
using Op = MpiOwned<MPI_Op, MPI_Op_free>;

}  // namespace dunlin::mpi
