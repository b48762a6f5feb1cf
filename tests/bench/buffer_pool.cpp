// What taking and returning a buffer costs: nanoseconds per allocate and free, small and large blocks, on one thread
// and on several at once, each with a place of its own or all at the same one.
//
//   buffer_pool [rounds]

#include <fmt/core.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

#include "dunlin/memory/buffer.hpp"
#include "dunlin/memory/worker_place.hpp"

namespace dunlin::test {
namespace {

/// Processor seconds of the calling thread: a busy machine disturbs them less than the clock on the wall.
double thread_seconds() {
  timespec now;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Threads that meet in one pool run at once: each on a processor of its own as far as there are any.
void bind_to_processor(int number) {
  cpu_set_t allowed, one;
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  CPU_ZERO(&one);
  for (int cpu = 0, seen = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed) && seen++ == number % CPU_COUNT(&allowed)) CPU_SET(cpu, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

/// Seconds that the slowest of `threads` threads takes for `rounds` loans of `size` bytes, one or eight at a time.
double seconds(int threads, bool own_places, std::size_t size, bool eight, int rounds) {
  BufferPool pool;
  std::atomic<int> ready{0};
  std::vector<double> took(static_cast<std::size_t>(threads));
  std::vector<std::thread> workers;
  for (int number = 0; number < threads; ++number)
    workers.emplace_back([&, number] {
      bind_to_processor(number);
      const AtPlace place({.domain = 0, .worker = own_places ? number : 0});
      const auto loan = [&] {
        Buffer buffer = pool.allocate(size);
        *buffer.data() = std::byte{1};
        return buffer;
      };
      const auto work = [&](int loans) {
        for (int done = 0; done < loans; done += eight ? 8 : 1)
          if (eight)
            const Buffer held[] = {loan(), loan(), loan(), loan(), loan(), loan(), loan(), loan()};
          else
            loan();
      };
      work(1000);
      for (++ready; ready.load() < threads;) std::this_thread::yield();
      const double start = thread_seconds();
      work(rounds);
      took[static_cast<std::size_t>(number)] = thread_seconds() - start;
    });
  for (std::thread& worker : workers) worker.join();
  return *std::max_element(took.begin(), took.end());
}

}  // namespace
}  // namespace dunlin::test

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  fmt::print("{:>9} {:>5} {:>8} {:>10} {:>12}\n", "bytes", "held", "threads", "places", "ns per loan");
  for (std::size_t size : {std::size_t{64}, std::size_t{4096}, std::size_t{61440}, std::size_t{1} << 20})
    for (bool eight : {false, true})
      for (int threads : {1, 2})
        for (bool own : {true, false}) {
          if (threads == 1 && !own) continue;
          double best = 1e9;
          for (int repeat = 0; repeat < 5; ++repeat)
            best = std::min(best, dunlin::test::seconds(threads, own, size, eight, rounds));
          fmt::print("{:>9} {:>5} {:>8} {:>10} {:>12.1f}\n", size, eight ? 8 : 1, threads, own ? "own" : "the same",
                     best * 1e9 / rounds);
        }
}
