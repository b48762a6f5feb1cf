#pragma once
// Where the calling thread works, so that it is served from memory near it.
//
//   void worker(int number, int domain) {
//     const AtPlace here({.domain = domain, .worker = number});
//     pool.allocate(n);                       // from the shelves of `domain`
//   }
//
// Threads that never said so are at {0, 0}: right everywhere, only slower where many of them allocate at once.

namespace dunlin {

struct WorkerPlace {
  /// NUMA domain, numbered from 0 among those that the process uses (PinPlan, topology/).
  int domain = 0;
  /// Number of the worker in its process. Workers of different numbers do not wait for one another in a BufferPool.
  int worker = 0;
  friend bool operator==(const WorkerPlace&, const WorkerPlace&) = default;
};

/// Where the calling thread is.
WorkerPlace this_worker_place();

/// The calling thread is at a place for the length of a scope. Numbers are at least 0.
class AtPlace {
 public:
  explicit AtPlace(WorkerPlace place);
  ~AtPlace();
  AtPlace(const AtPlace&) = delete;
  AtPlace& operator=(const AtPlace&) = delete;

 private:
  WorkerPlace before_;
};

}  // namespace dunlin
