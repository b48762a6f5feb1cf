#include "h5_layout.hpp"

namespace dunlin {

void H5Layout::pack(Packer& out) const {
  out.number(static_cast<std::int64_t>(kind));
  out.text(path);
  out.coords(stored);
  out.number(swapped);
  out.block(compact);
  out.number(static_cast<std::int64_t>(address));
  out.number(static_cast<std::int64_t>(filters.size()));
  for (const H5Filter& filter : filters) {
    out.number(filter.id);
    out.number(filter.parameter);
  }
  out.number(plain_edges);
}

H5Layout H5Layout::unpack(Unpacker& in) {
  H5Layout layout;
  layout.kind = static_cast<Kind>(in.number());
  layout.path = in.text();
  layout.stored = in.coords();
  layout.swapped = in.number() != 0;
  const auto compact = in.block();
  layout.compact.assign(compact.begin(), compact.end());
  layout.address = static_cast<std::uint64_t>(in.number());
  for (std::int64_t left = in.number(); left > 0; --left) {
    const auto id = static_cast<int>(in.number());
    layout.filters.push_back({id, static_cast<std::uint32_t>(in.number())});
  }
  layout.plain_edges = in.number() != 0;
  return layout;
}

}  // namespace dunlin
