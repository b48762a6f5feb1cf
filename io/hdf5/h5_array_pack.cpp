// How an H5Array travels: file, description, layout.

#include "h5_array.hpp"

namespace dunlin {
namespace {

void pack_description(const ArrayDescription& description, Packer& out) {
  out.text(description.name);
  out.number(description.dtype.kind());
  out.number(static_cast<std::int64_t>(description.dtype.size()));
  out.coords(description.grid.shape());
  for (int a = 0; a < description.grid.rank(); ++a) out.number(description.grid.step(a));
  out.number(description.contiguous);
  for (const std::string& dimension : description.dimensions) out.text(dimension);
  description.attributes.pack(out);
  out.block(description.fill_value);
  out.text(description.encoding);
  out.real(description.decode_cost);
}

ArrayDescription unpack_description(Unpacker& in) {
  ArrayDescription description;
  description.name = in.text();
  const auto kind = static_cast<DType::Kind>(in.number());
  const auto size = static_cast<std::uint32_t>(in.number());
  description.dtype = kind == DType::raw ? DType::bytes(size) : DType(kind);
  const Shape shape = in.coords();
  Shape chunk;
  for (std::size_t a = 0; a < shape.size(); ++a) chunk.push_back(in.number());
  description.grid = ChunkGrid::regular(shape, chunk);
  description.contiguous = in.number() != 0;
  for (std::size_t a = 0; a < shape.size(); ++a) description.dimensions.push_back(in.text());
  description.attributes = Attributes::unpack(in);
  const auto fill = in.block();
  description.fill_value.assign(fill.begin(), fill.end());
  description.encoding = in.text();
  description.decode_cost = in.real();
  return description;
}

}  // namespace

void H5Array::pack(Packer& out) const {
  file_->pack(out);
  pack_description(description_, out);
  layout_.pack(out);
}

std::shared_ptr<const H5Array> H5Array::unpack(Unpacker& in, const StoredArray* sibling) {
  std::shared_ptr<const H5File> file = H5File::unpack(in);
  const auto* other = dynamic_cast<const H5Array*>(sibling);
  if (other && other->file_->path() == file->path() && other->file_->identity() == file->identity())
    file = other->file_;
  ArrayDescription description = unpack_description(in);
  H5Layout layout = H5Layout::unpack(in);
  return std::make_shared<H5Array>(std::move(description), std::move(file), std::move(layout));
}

}  // namespace dunlin
