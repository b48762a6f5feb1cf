#include "work_board.hpp"

#include <algorithm>

namespace dunlin {

WorkBoard::WorkBoard(const Team& team, std::size_t capacity) : team_(team) {
  for (int worker = 0; worker < team.workers(); ++worker) {
    deques_.push_back(std::make_unique<WorkDeque>(capacity));
    std::vector<int>& domains = near_domains_.emplace_back(1, team.domain[worker]);
    for (int other : team.near[worker])
      if (std::find(domains.begin(), domains.end(), team.domain[other]) == domains.end())
        domains.push_back(team.domain[other]);
  }
  for (int domain = 0; domain < team.domains(); ++domain) granted_.push_back(std::make_unique<OrderedQueue>());
}

void WorkBoard::add_own(int worker, std::uint32_t task) { deques_[worker]->push(task); }

void WorkBoard::add_granted(const std::vector<std::uint32_t>& tasks) {
  // Runs of neighbours stay in one domain, which reads what lies side by side; short ones, so that all begin at once.
  constexpr std::size_t kRun = 4;
  const std::size_t run = granted_.size() == 1 ? tasks.size() : kRun;
  for (std::size_t begin = 0; begin < tasks.size(); begin += run) {
    granted_[next_domain_]->push(std::span(tasks).subspan(begin, std::min(run, tasks.size() - begin)));
    next_domain_ = (next_domain_ + 1) % static_cast<int>(granted_.size());
  }
  wake(tasks.size());
}

void WorkBoard::add_serial(std::uint32_t task) {
  serial_.push(task);
  call_lead();
}

std::optional<std::uint32_t> WorkBoard::take(int worker) {
  if (auto task = deques_[worker]->pop()) return task;
  const std::vector<int>& domains = near_domains_[worker];
  if (auto task = granted_[domains.front()]->pop()) return task;
  for (int other : team_.near[worker])
    if (auto task = deques_[other]->steal()) return task;
  for (std::size_t k = 1; k < domains.size(); ++k)
    if (auto task = granted_[domains[k]]->pop()) return task;
  return std::nullopt;
}

void WorkBoard::share(int worker, int kept) {
  if (deques_[worker]->size() > kept) wake(1);
}

void WorkBoard::wake(std::size_t tasks) {
  if (sleepers_.load() > 0) {
    announcements_.fetch_add(1);
    tasks > 1 ? announcements_.notify_all() : announcements_.notify_one();
  }
  call_lead();
}

bool WorkBoard::has_work() const {
  return std::any_of(granted_.begin(), granted_.end(), [](const auto& queue) { return queue->size() > 0; }) ||
         std::any_of(deques_.begin(), deques_.end(), [](const auto& deque) { return deque->size() > 0; });
}

}  // namespace dunlin
