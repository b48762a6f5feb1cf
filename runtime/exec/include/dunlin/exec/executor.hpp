#pragma once
// What hosts the workers of a run: a seam, so that the worker loop itself is a plain function.
//
//   serial      the calling thread alone
//   openmp      one `omp parallel` region; OMP_PLACES, OMP_PROC_BIND and users' kernels behave as in any OpenMP program
//   threads     std::thread, for ThreadSanitizer, which does not see into OpenMP's runtime
//
// `host(worker)` calls worker(0) on the calling thread and worker(1) … worker(n−1), n ≤ threads(), on others, and
// returns when all have. A worker must not throw. Fewer workers than asked for may come (OMP_THREAD_LIMIT): the run
// copes.

#include <functional>
#include <memory>

namespace dunlin {

class Executor {
 public:
  virtual ~Executor() = default;
  virtual int threads() const = 0;
  virtual void host(const std::function<void(int)>& worker) = 0;
};

std::unique_ptr<Executor> make_serial_executor();
std::unique_ptr<Executor> make_openmp_executor(int threads);
std::unique_ptr<Executor> make_thread_executor(int threads);
/// The executor for a context: serial for one thread, else OpenMP (std::thread in builds for ThreadSanitizer).
std::unique_ptr<Executor> make_executor(int threads);

}  // namespace dunlin
