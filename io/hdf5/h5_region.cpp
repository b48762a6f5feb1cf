#include "h5_region.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "../codec/codecs.hpp"

namespace dunlin {
namespace {

/// Runs at least this long are read by themselves.
constexpr std::size_t kLongRun = std::size_t{16} << 10;
/// Shorter runs are read together where less than this lies between them: reading it costs less than another call.
constexpr std::size_t kSmallGap = std::size_t{16} << 10;
/// Most bytes that are read together.
constexpr std::size_t kWindow = std::size_t{1} << 20;

struct Run {
  std::uint64_t from;  // in the file
  std::size_t to;      // in the block
};

/// Reads runs of one length, in ascending order of address, window by window.
class RunReader {
 public:
  RunReader(const PosixFile& file, std::span<std::byte> to, std::size_t length, std::size_t swap, std::size_t window,
            BufferPool& pool)
      : file_(file), to_(to), length_(length), swap_(swap), window_size_(window), pool_(pool) {}

  void add(const Run& run) {
    if (length_ >= kLongRun) {
      read_alone(run);
      return;
    }
    if (!runs_.empty() && (run.from - (runs_.back().from + length_) > kSmallGap ||
                           run.from + length_ - runs_.front().from > window_size_))
      flush();
    runs_.push_back(run);
  }

  std::int64_t finish() {
    flush();
    return read_;
  }

 private:
  void read_alone(const Run& run) {
    const auto target = to_.subspan(run.to, length_);
    file_.read_at(run.from, target);
    if (swap_ > 1) swap_bytes(target, swap_);
    read_ += static_cast<std::int64_t>(length_);
  }

  void flush() {
    if (runs_.size() == 1) read_alone(runs_.front());
    if (runs_.size() > 1) read_together();
    runs_.clear();
  }

  void read_together() {
    const std::uint64_t begin = runs_.front().from;
    if (window_.empty()) window_ = pool_.allocate(window_size_);
    const auto bytes = window_.bytes().first(runs_.back().from + length_ - begin);
    file_.read_at(begin, bytes);
    read_ += static_cast<std::int64_t>(bytes.size());
    for (const Run& run : runs_) {
      const auto target = to_.subspan(run.to, length_);
      std::memcpy(target.data(), bytes.data() + (run.from - begin), length_);
      if (swap_ > 1) swap_bytes(target, swap_);
    }
  }

  const PosixFile& file_;
  std::span<std::byte> to_;
  std::size_t length_, swap_, window_size_;
  BufferPool& pool_;
  std::vector<Run> runs_;
  Buffer window_;
  std::int64_t read_ = 0;
};

}  // namespace

std::size_t read_part_scratch(std::int64_t stored_bytes) {
  return std::min(kWindow, static_cast<std::size_t>(stored_bytes));
}

std::span<std::byte> single_run(const Block& block, const Box& part) {
  std::span<std::byte> bytes;
  int runs = 0;
  for_each_run(part, block.box, part, [&](std::int64_t at, std::int64_t, std::int64_t count) {
    bytes = block.bytes.subspan(at * block.element, count * block.element);
    ++runs;
  });
  return runs == 1 ? bytes : std::span<std::byte>{};
}

void copy_part(const Block& from, const Block& to, const Box& part, std::size_t swap) {
  copy_block(from.at(part.begin), from.strides(), to.at(part.begin), to.strides(), part.shape(), to.element);
  if (swap < 2) return;
  for_each_run(part, to.box, part, [&](std::int64_t at, std::int64_t, std::int64_t count) {
    swap_bytes(to.bytes.subspan(at * to.element, count * to.element), swap);
  });
}

void fill_part(const Block& block, const Box& part, std::span<const std::byte> value) {
  require(value.size() == block.element, "a fill value has the size of an element");
  fill_block(value.data(), block.at(part.begin), block.strides(), part.shape(), block.element);
}

std::int64_t read_part(const PosixFile& file, std::uint64_t address, const Box& stored, const Block& to,
                       const Box& part, std::size_t swap, BufferPool& pool) {
  std::optional<RunReader> reader;
  for_each_run(part, stored, to.box, [&](std::int64_t at_file, std::int64_t at_to, std::int64_t count) {
    if (!reader)
      reader.emplace(file, to.bytes, count * to.element, swap,
                     read_part_scratch(stored.count() * static_cast<std::int64_t>(to.element)), pool);
    reader->add({address + static_cast<std::uint64_t>(at_file) * to.element, at_to * to.element});
  });
  return reader->finish();
}

}  // namespace dunlin
