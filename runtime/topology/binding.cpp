#include "dunlin/topology/binding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin {
namespace {

std::string cores(int count) { return fmt::format("{} core{}", count, count == 1 ? "" : "s"); }

}  // namespace

ThreadBinding::ThreadBinding(const CpuBinder& binder, const std::vector<int>& pus)
    : binder_(binder), before_(binder.current()) {
  bound_ = !before_.empty() && binder.bind(pus);
}

ThreadBinding::~ThreadBinding() {
  if (bound_) binder_.bind(before_);
}

BindingChoice choose_binding(const BindingFacts& facts) {
  const NodeTopology& counts = facts.counts;
  const int allowed = counts.allowed_cores, size = std::max(facts.node_size, 1);
  const int fair = std::max(counts.job_cores / size, 1);
  const bool narrowed = counts.allowed_pus < counts.job_pus;
  // Where the launcher bound nothing, all ranks of the node see the same cores and each takes its slice.
  const NodeShare share = narrowed ? NodeShare{} : NodeShare{facts.node_rank, size};
  const auto no = [&](std::string reason) { return BindingChoice{false, share, std::move(reason)}; };
  const auto yes = [&](std::string reason) { return BindingChoice{true, share, std::move(reason)}; };
  if (!facts.asked) return no("threads are not bound: nobody asked for it");
  if (!facts.omp_proc_bind.empty())
    return no(fmt::format("threads are bound by OpenMP or not at all: OMP_PROC_BIND={}", facts.omp_proc_bind));
  if (!facts.omp_places.empty())
    return no(fmt::format("threads are bound by OpenMP or not at all: OMP_PLACES={}", facts.omp_places));
  if (narrowed && allowed < fair)
    return no(fmt::format("threads are not bound: the launcher has bound this rank to {}, less than its share of {}",
                          cores(allowed), fair));
  if (narrowed && allowed * size > counts.job_cores)
    return no(fmt::format("threads are not bound: the launcher has bound this rank to {} that other ranks may share",
                          cores(allowed)));
  if (narrowed)
    return yes(fmt::format("threads are bound within the {} that the launcher gave this rank", cores(allowed)));
  if (size == 1) return yes(fmt::format("threads are bound to the {} that this process may use", cores(allowed)));
  return yes(fmt::format("threads are bound to slice {} of {} of the {} that the ranks here may use",
                         facts.node_rank + 1, size, cores(allowed)));
}

}  // namespace dunlin
