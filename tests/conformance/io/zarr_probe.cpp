// zarr_probe write FOLDER CODEC     writes arrays whose element k, in row-major order, has the value k
// zarr_probe dump FOLDER            prints name|dtype|shape|bytes in hexadecimal of every array, after packing the
// group
//
// The other side of zarr_python_test.py.

#include <complex>
#include <cstdio>
#include <cstring>
#include <limits>

#include "dunlin/io/stored_group.hpp"

namespace dunlin {
namespace {

template <class T>
std::vector<std::byte> bytes_of(T value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// Element k of an array: k as a number, k % 2 as a truth, k - ki as a complex number, digit k as a text.
std::vector<std::byte> element(DType dtype, std::int64_t k) {
  if (dtype == DType::boolean) return bytes_of(k % 2 != 0);
  if (dtype == DType::complex64) return bytes_of(std::complex<float>(static_cast<float>(k), -static_cast<float>(k)));
  if (dtype.kind() == DType::raw) {
    std::vector<std::byte> text(dtype.size());
    text[0] = std::byte('0' + k);
    return text;
  }
  return visit_real(dtype, [&](auto zero) { return bytes_of(static_cast<decltype(zero)>(k)); });
}

std::vector<std::byte> chunk_of(const ArrayDescription& description, const ChunkIndex& object) {
  const Box box = description.grid.box(object);
  std::vector<std::byte> raw;
  ChunkBox{box.begin, box.end}.for_each([&](const ChunkIndex& position) {
    std::int64_t k = 0;
    for (int a = 0; a < box.rank(); ++a) k = k * description.grid.length(a) + position.at[a];
    const auto bytes = element(description.dtype, k);
    raw.insert(raw.end(), bytes.begin(), bytes.end());
  });
  return raw;
}

NewGroup example() {
  NewGroup group;
  group.attributes.set("title", AttributeValue::text("Gr\xc3\xbc\xc3\x9f"
                                                     "e"));
  group.attributes.set("nan", AttributeValue::real(std::numeric_limits<double>::quiet_NaN()));
  group.attributes.set("list", AttributeValue::integers(DType::int32, {1, 2}, false));
  group.attributes.set("one", AttributeValue::reals(DType::float64, {2}, false));
  group.attributes.set("big", AttributeValue::integers(DType::uint64, {-1}, true));
  const auto add = [&](const char* name, DType dtype, const Shape& shape, const Shape& chunk,
                       std::vector<std::string> dimensions, std::vector<std::byte> fill = {}) {
    ArrayDescription description;
    description.name = name;
    description.dtype = dtype;
    description.grid = ChunkGrid::regular(shape, chunk);
    description.dimensions = std::move(dimensions);
    description.fill_value = std::move(fill);
    description.attributes.set("units", AttributeValue::text("K"));
    group.arrays.push_back({std::move(description)});
  };
  add("t", DType::float32, {5, 7}, {2, 3}, {"time", "x"}, bytes_of(std::numeric_limits<float>::quiet_NaN()));
  add("time", DType::int64, {5}, {5}, {"time"}, bytes_of(std::int64_t{-9}));
  add("x", DType::float64, {7}, {4}, {"x"}, bytes_of(-std::numeric_limits<double>::infinity()));
  add("scalar", DType::int16, {}, {}, {});
  add("empty", DType::uint8, {0, 3}, {2, 3}, {"none", "three"});
  add("big", DType::uint64, {3}, {10}, {"three"}, bytes_of(~std::uint64_t{0}));
  add("flag", DType::boolean, {3}, {2}, {"three"}, bytes_of(true));
  add("text", DType::bytes(5), {3}, {2}, {"three"}, {std::byte('a'), std::byte('b'), {}, {}, {}});
  add("pair", DType::complex64, {3}, {2}, {"three"},
      bytes_of(std::complex<float>(1, std::numeric_limits<float>::quiet_NaN())));
  add("group/inner/v", DType::int8, {3}, {2}, {"three"});
  return group;
}

void write(const std::string& folder, const std::string& codec) {
  const auto writer = make_zarr3_writer(folder, example(), parse_codec(codec));
  BufferPool pool;
  writer->create();
  for (const auto& array : writer->arrays()) {
    array->object_grid().all().for_each([&](const ChunkIndex& object) {
      array->put(object, {}, array->encode(object, chunk_of(array->description(), object), pool).bytes());
    });
    array->finish_array();
  }
  writer->finish();
}

void dump(const std::string& folder) {
  Packer out;
  open_stored(folder).pack(out);
  Unpacker in(out.bytes());
  const StoredGroup group = unpack_stored(in);
  BufferPool pool;
  for (const auto& array : group.arrays) {
    const ArrayDescription& description = array->description();
    std::vector<std::byte> bytes(static_cast<std::size_t>(description.bytes()));
    array->read(Box::whole(description.grid.shape()), {.pool = &pool}, bytes);
    std::printf("%s|%s|%s|", description.name.c_str(), to_string(description.dtype).c_str(),
                to_string(description.grid.shape()).c_str());
    for (std::byte byte : bytes) std::printf("%02x", std::to_integer<unsigned>(byte));
    std::printf("\n");
  }
  for (const SkippedVariable& variable : group.skipped)
    std::printf("skipped %s: %s\n", variable.name.c_str(), variable.reason.c_str());
}

}  // namespace
}  // namespace dunlin

int main(int argc, char** argv) {
  try {
    if (argc == 4 && std::string(argv[1]) == "write")
      dunlin::write(argv[2], argv[3]);
    else if (argc == 3 && std::string(argv[1]) == "dump")
      dunlin::dump(argv[2]);
    else
      return 2;
    return 0;
  } catch (const std::exception& error) {
    std::printf("error: %s\n", error.what());
    return 1;
  }
}
