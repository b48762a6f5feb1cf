#pragma once
// hwloc's handles, owned.

#include <hwloc.h>

#include <memory>
#include <new>

namespace dunlin {

struct DestroyTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using HwlocTopology = std::unique_ptr<hwloc_topology, DestroyTopology>;

inline HwlocTopology new_topology() {
  hwloc_topology_t topology;
  if (hwloc_topology_init(&topology) != 0) throw std::bad_alloc();
  return HwlocTopology(topology);
}

struct FreeBitmap {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using HwlocBitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

inline HwlocBitmap new_bitmap() {
  HwlocBitmap bitmap(hwloc_bitmap_alloc());
  if (!bitmap) throw std::bad_alloc();
  return bitmap;
}

}  // namespace dunlin
