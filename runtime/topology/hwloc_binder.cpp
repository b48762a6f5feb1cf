#include "hwloc_binder.hpp"

namespace dunlin {

std::vector<int> HwlocBinder::current() const {
  const HwlocBitmap mask(hwloc_bitmap_alloc());
  if (!mask || hwloc_get_cpubind(topology_.get(), mask.get(), HWLOC_CPUBIND_THREAD) != 0) return {};
  std::vector<int> pus;
  for (int pu = hwloc_bitmap_first(mask.get()); pu >= 0; pu = hwloc_bitmap_next(mask.get(), pu)) pus.push_back(pu);
  return pus;
}

bool HwlocBinder::bind(const std::vector<int>& pus) const noexcept {
  const HwlocBitmap mask(hwloc_bitmap_alloc());
  if (!mask) return false;
  for (int pu : pus)
    if (hwloc_bitmap_set(mask.get(), static_cast<unsigned>(pu)) != 0) return false;
  return hwloc_set_cpubind(topology_.get(), mask.get(), HWLOC_CPUBIND_THREAD) == 0;
}

}  // namespace dunlin
