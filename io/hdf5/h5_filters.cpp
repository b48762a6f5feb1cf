#include "h5_filters.hpp"

#include <algorithm>
#include <array>

#include "../codec/codecs.hpp"

namespace dunlin {
namespace {

/// Names of filters that files of the field have; others are named by what the file says.
std::string filter_name(H5Z_filter_t id, const std::string& in_file) {
  struct Known {
    H5Z_filter_t id;
    const char* name;
  };
  static constexpr Known known[] = {
      {H5Z_FILTER_DEFLATE, "deflate"},
      {H5Z_FILTER_SHUFFLE, "shuffle"},
      {H5Z_FILTER_FLETCHER32, "fletcher32"},
      {H5Z_FILTER_SZIP, "szip"},
      {H5Z_FILTER_NBIT, "n-bit"},
      {H5Z_FILTER_SCALEOFFSET, "scale-offset"},
      {305, "lzo"},
      {307, "bzip2"},
      {32000, "lzf"},
      {32001, "blosc"},
      {32004, "lz4"},
      {32008, "bitshuffle"},
      {32013, "zfp"},
      {32015, "zstd"},
      {32026, "blosc2"},
  };
  for (const Known& one : known)
    if (one.id == id) return one.name;
  return in_file.empty() ? "of an unknown name" : in_file;
}

/// True where the library of this process decodes a filter, by a plugin if need be.
bool is_available(H5Z_filter_t id) {
  unsigned what = 0;
  return H5Zfilter_avail(id) > 0 && H5Zget_filter_info(id, &what) >= 0 && (what & H5Z_FILTER_CONFIG_DECODE_ENABLED);
}

}  // namespace

H5Pipeline h5_pipeline(hid_t creation_list, std::size_t element) {
  H5Pipeline pipeline;
  const int count = h5_check(H5Pget_nfilters(creation_list), "read the filters");
  for (int k = 0; k < count; ++k) {
    unsigned flags = 0;
    std::array<unsigned, 8> values{};
    std::size_t given = values.size();
    std::array<char, 64> name{};
    const H5Z_filter_t id = h5_check(H5Pget_filter2(creation_list, static_cast<unsigned>(k), &flags, &given,
                                                    values.data(), name.size() - 1, name.data(), nullptr),
                                     "read a filter");
    pipeline.names += (k ? ", " : "") + filter_name(id, name.data());
    if (id == H5Z_FILTER_DEFLATE) {
      pipeline.filters.push_back({id, std::min(given > 0 ? values[0] : 6U, 9U)});
    } else if (id == H5Z_FILTER_SHUFFLE) {
      pipeline.filters.push_back({id, given > 0 && values[0] > 0 ? values[0] : static_cast<std::uint32_t>(element)});
    } else if (id == H5Z_FILTER_FLETCHER32) {
      pipeline.filters.push_back({id, 0});
    } else if (is_available(id)) {
      pipeline.by_library = true;
    } else {
      pipeline.reason = filter_name(id, name.data()) + " (HDF5 filter " + std::to_string(id) + ")";
      return pipeline;
    }
  }
  return pipeline;
}

CodecChain make_chain(const std::vector<H5Filter>& filters) {
  std::vector<CodecPtr> codecs;
  for (const H5Filter& filter : filters) {
    if (filter.id == H5Z_FILTER_DEFLATE) codecs.push_back(make_zlib(static_cast<int>(filter.parameter)));
    if (filter.id == H5Z_FILTER_SHUFFLE) codecs.push_back(make_shuffle(filter.parameter));
    if (filter.id == H5Z_FILTER_FLETCHER32) codecs.push_back(make_fletcher32());
  }
  require(codecs.size() == filters.size(), "a pipeline that can be decoded has known filters only");
  return CodecChain(std::move(codecs));
}

}  // namespace dunlin
