#include "dunlin/exec/executor.hpp"

#include <omp.h>

#include <thread>
#include <vector>

namespace dunlin {
namespace {

class SerialExecutor final : public Executor {
 public:
  int threads() const override { return 1; }
  void host(const std::function<void(int)>& worker) override { worker(0); }
};

class OpenMpExecutor final : public Executor {
 public:
  explicit OpenMpExecutor(int threads) : threads_(threads) {}
  int threads() const override { return threads_; }
  void host(const std::function<void(int)>& worker) override {
#pragma omp parallel num_threads(threads_)
    worker(omp_get_thread_num());
  }

 private:
  int threads_;
};

class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int threads) : threads_(threads) {}
  int threads() const override { return threads_; }
  void host(const std::function<void(int)>& worker) override {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads_; ++t) others.emplace_back([&worker, t] { worker(t); });
    worker(0);
  }

 private:
  int threads_;
};

}  // namespace

std::unique_ptr<Executor> make_serial_executor() { return std::make_unique<SerialExecutor>(); }
std::unique_ptr<Executor> make_openmp_executor(int threads) { return std::make_unique<OpenMpExecutor>(threads); }
std::unique_ptr<Executor> make_thread_executor(int threads) { return std::make_unique<ThreadExecutor>(threads); }

std::unique_ptr<Executor> make_executor(int threads) {
  if (threads <= 1) return make_serial_executor();
#ifdef DUNLIN_HOST_THREADS
  return make_thread_executor(threads);
#else
  return make_openmp_executor(threads);
#endif
}

}  // namespace dunlin
