#include "storage_fixture.hpp"

#include <filesystem>
#include <fstream>

#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin::test {
namespace {

namespace fs = std::filesystem;

class WholeKernel final : public Kernel {
 public:
  WholeKernel(WholeArray whole, ChunkGrid grid, TaskHook hook)
      : whole_(std::move(whole)), grid_(std::move(grid)), hook_(std::move(hook)) {}
  void run(const TaskRun& task) const override {
    if (hook_) hook_(task.chunk);
    const auto bytes = whole_.box(grid_.box(task.chunk));
    std::copy(bytes.begin(), bytes.end(), task.output.begin());
  }
  Cost cost(const ChunkIndex&) const override { return {}; }

 private:
  WholeArray whole_;
  ChunkGrid grid_;
  TaskHook hook_;
};

class CompareKernel final : public Kernel {
 public:
  CompareKernel(WholeArray whole, ChunkGrid grid) : whole_(std::move(whole)), grid_(std::move(grid)) {}
  void run(const TaskRun& task) const override {
    const auto bytes = task.inputs.front().bytes();
    const bool equal = std::vector<std::byte>(bytes.begin(), bytes.end()) == whole_.box(grid_.box(task.chunk));
    EXPECT_TRUE(equal) << "chunk " << to_string(task.chunk);
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(seen_.emplace(task.chunk, true).second) << "twice: " << to_string(task.chunk);
  }
  Cost cost(const ChunkIndex&) const override { return {}; }

 private:
  WholeArray whole_;
  ChunkGrid grid_;
  mutable std::mutex mutex_;
  mutable std::map<ChunkIndex, bool> seen_;
};

class NothingKernel final : public Kernel {
 public:
  void run(const TaskRun&) const override {}
  Cost cost(const ChunkIndex&) const override { return {}; }
};

}  // namespace

LayerPtr write_nothing(const LayerPtr& layer) {
  return SinkLayer::make("nothing", layer, std::make_shared<NothingKernel>(), "nothing", {});
}

WholeArray WholeArray::of(const Shape& shape, DType dtype, unsigned seed) {
  WholeArray whole{shape, dtype, std::vector<std::byte>(static_cast<std::size_t>(product(shape)) * dtype.size())};
  std::mt19937 random(seed);
  for (std::byte& byte : whole.bytes) byte = static_cast<std::byte>(random() >> 24);
  if (dtype == DType::boolean)
    for (std::byte& byte : whole.bytes) byte &= std::byte{1};
  return whole;
}

LayerPtr source_of(const std::string& name, const WholeArray& whole, const ChunkGrid& grid, TaskHook hook) {
  return SourceLayer::make(name, ValueSpec{whole.dtype, grid},
                           std::make_shared<WholeKernel>(whole, grid, std::move(hook)), name);
}

void expect_computes(Context& context, const LayerPtr& layer, const WholeArray& whole) {
  ASSERT_EQ(layer->output().dtype, whole.dtype);
  ASSERT_EQ(layer->output().grid.shape(), whole.shape);
  const auto kernel = std::make_shared<CompareKernel>(whole, layer->output().grid);
  const RunReport report = context.compute({SinkLayer::make("compare", layer, kernel, "compare", {})});
  EXPECT_EQ(report.bytes_encoded, static_cast<std::int64_t>(whole.bytes.size())) << "all chunks came";
}

NewArray new_array(const std::string& name, const WholeArray& whole, const Shape& chunk) {
  NewArray array;
  array.description.name = name;
  array.description.dtype = whole.dtype;
  array.description.grid = ChunkGrid::regular(whole.shape, chunk);
  return array;
}

RunReport write_one(Context& context, const std::string& path, const WholeArray& whole, const Shape& chunk,
                    const std::string& codec, bool overwrite, TaskHook hook, std::vector<std::string> inputs) {
  NewGroup group;
  group.arrays.push_back(new_array("x", whole, chunk));
  const ChunkGrid grid = group.arrays[0].description.grid;
  NewStore store(context.state(), path, group, parse_codec(codec), overwrite, std::move(inputs));
  return store.write({source_of("x", whole, grid, std::move(hook))});
}

void expect_holds(Context& context, const std::string& path, const WholeArray& whole) {
  const StoredGroup group = open_group(*context.state(), path);
  ASSERT_EQ(group.arrays.size(), 1u);
  EXPECT_EQ(group.arrays[0]->description().name, "x");
  expect_computes(context, read_layer(group.arrays[0]), whole);
}

std::map<std::string, std::string> snapshot(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    if (entry.is_directory()) {
      found[name + "/"];
    } else {
      std::ifstream file(entry.path(), std::ios::binary);
      found[name] = std::string(std::istreambuf_iterator<char>(file), {});
    }
  }
  return found;
}

void write_text(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::optional<RankError> rank_error_of(const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const RankError& error) {
    return error;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
  }
  return std::nullopt;
}

}  // namespace dunlin::test
