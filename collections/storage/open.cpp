#include "dunlin/storage/storage.hpp"

namespace dunlin {

StoredGroup open_group(ContextState& context, const std::string& path) {
  const std::vector<std::byte> packed = context.on_one_rank("opening " + path, [&] {
    Packer out;
    open_stored(path).pack(out);
    return out.bytes();
  });
  Unpacker in(packed);
  return unpack_stored(in);
}

}  // namespace dunlin
