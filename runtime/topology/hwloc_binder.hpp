#pragma once
// Binds threads through hwloc. Safe to use from several threads at once: a loaded topology is only read.

#include "dunlin/topology/binding.hpp"
#include "hwloc_handle.hpp"

namespace dunlin {

class HwlocBinder final : public CpuBinder {
 public:
  explicit HwlocBinder(HwlocTopology topology) : topology_(std::move(topology)) {}
  std::vector<int> current() const override;
  bool bind(const std::vector<int>& pus) const noexcept override;

 private:
  HwlocTopology topology_;
};

}  // namespace dunlin
