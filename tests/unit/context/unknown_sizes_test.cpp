// Values whose size only the run tells, and objects of any type: made, sent, set aside, refused.

#include <algorithm>
#include <cstring>
#include <set>

#include "context_fixture.hpp"
#include "dunlin/exec/run.hpp"
#include "dunlin/graph/explicit.hpp"
#include "dunlin/graph/map.hpp"

namespace dunlin::test {
namespace {

std::vector<double> numbers(std::span<const std::byte> bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Value value_of(const std::vector<double>& values, BufferPool& pool) {
  Buffer buffer = pool.allocate(values.size() * sizeof(double));
  if (!values.empty()) std::memcpy(buffer.data(), values.data(), buffer.size());
  return Value(std::move(buffer));
}

/// Any function from all input chunks' numbers to numbers.
class NumbersKernel final : public Kernel {
 public:
  using Function = std::function<std::vector<double>(const TaskRun&)>;
  NumbersKernel(Function function, bool makes) : function_(std::move(function)), makes_(makes) {}
  void run(const TaskRun& task) const override {
    const std::vector<double> values = function_(task);
    if (makes_)
      *task.made = value_of(values, *task.pool);
    else
      std::memcpy(task.output.data(), values.data(), task.output.size());
  }
  Cost cost(const ChunkIndex&) const override { return {}; }
  bool makes() const override { return makes_; }

 private:
  Function function_;
  bool makes_;
};

LayerPtr map(const std::string& name, ValueSpec output, std::vector<LayerPtr> inputs, std::vector<OperandMap> maps,
             NumbersKernel::Function function) {
  const bool makes = !output.is_exact();
  return MapLayer::make(name, std::make_shared<NumbersKernel>(std::move(function), makes), std::move(output),
                        std::move(inputs), std::move(maps), name, name);
}

ValueSpec inexact(std::int64_t chunks, std::int64_t expected) {
  return {.dtype = DType::float64, .grid = ChunkGrid::regular({chunks}, {1}), .expected_bytes = expected};
}
ValueSpec one_number_per_chunk(std::int64_t chunks) { return {DType::float64, ChunkGrid::regular({chunks}, {1})}; }

/// Of 0, 1, … 23 in chunks of 3: those above 10, so that some chunks are empty, some whole.
LayerPtr large_numbers() {
  return map("large", inexact(8, 24), {Doubled().value()}, {straight(1)}, [](const TaskRun& task) {
    std::vector<double> kept = numbers(task.inputs[0].bytes());
    std::erase_if(kept, [](double value) { return value < 20; });
    return kept;
  });
}

TEST(UnknownSizes, TravelWithTheirSizeEmptyOnesToo) {
  const Watchdog watchdog("filtered numbers");
  for_contexts([](Context& context) {
    const std::vector<double> all = numbers(context.state()->replicate(large_numbers()));
    std::vector<double> expected;
    for (int k = 10; k < 24; ++k) expected.push_back(2 * k);
    EXPECT_EQ(all, expected);

    const LayerPtr counts = map(
        "count", one_number_per_chunk(8), {large_numbers()}, {straight(1)},
        [](const TaskRun& task) { return std::vector{static_cast<double>(numbers(task.inputs[0].bytes()).size())}; });
    EXPECT_EQ(numbers(context.state()->replicate(counts)), (std::vector<double>{0, 0, 0, 2, 3, 3, 3, 3}));
  });
}

TEST(UnknownSizes, StayWhereTheyAreWhenPersisted) {
  const Watchdog watchdog("persisted tables");
  for_contexts([](Context& context) {
    const std::vector<LayerPtr> held = context.state()->persist({large_numbers()});
    for (int step = 0; step < 2; ++step) EXPECT_EQ(numbers(context.state()->replicate(held[0])).size(), 14u);
  });
}

TEST(UnknownSizes, AFailingTaskFailsAlike) {
  const Watchdog watchdog("a failing table");
  for_contexts([](Context& context) {
    const LayerPtr failing = map("fails", inexact(8, 24), {large_numbers()}, {straight(1)}, [](const TaskRun& task) {
      if (task.chunk.at[0] == 6) throw InputError("table 6 is torn");
      return numbers(task.inputs[0].bytes());
    });
    const auto error = error_of<RankError>([&] { context.state()->replicate(failing); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->layer, "fails");
    expect_same_on_all(context, error->what());
    expect_works(context);
  });
}

constexpr std::int64_t kBig = 100'000;  // bytes, where 8 were expected

LayerPtr big() {
  return map("big", inexact(8, 8), {Doubled().value()}, {straight(1)}, [](const TaskRun& task) {
    return std::vector<double>(kBig / sizeof(double), static_cast<double>(task.chunk.at[0]));
  });
}

/// Every big value is needed again once the total of all is known.
LayerPtr relative_to_total(const LayerPtr& of) {
  const auto first = [](const ChunkView& chunk) { return numbers(chunk.bytes()).front(); };
  const LayerPtr small = map("small", one_number_per_chunk(8), {of}, {straight(1)},
                             [=](const TaskRun& task) { return std::vector{first(task.inputs[0])}; });
  const LayerPtr total = map("total", one_number_per_chunk(1), {small}, {{{-1}}}, [=](const TaskRun& task) {
    double sum = 0;
    for (const ChunkView& input : task.inputs) sum += first(input);
    return std::vector{sum};
  });
  return map("share", one_number_per_chunk(8), {of, total}, {straight(1), straight(1)},
             [=](const TaskRun& task) { return std::vector{first(task.inputs[0]) / first(task.inputs[1])}; });
}

TEST(UnknownSizes, ThatOutgrowTheBudgetAreSetAsideAndReadBack) {
  const Watchdog watchdog("values set aside");
  class Evictions final : public RunHooks {
   public:
    void evicted(const Layer& layer, const ChunkIndex& chunk) override {
      const std::lock_guard lock(mutex);
      chunks.insert({layer.name(), chunk.at[0]});
    }
    std::mutex mutex;
    std::set<std::pair<std::string, std::int64_t>> chunks;
  };
  const auto evictions = std::make_shared<Evictions>();
  for_contexts(
      [&](Context& context) {
        const std::vector<double> shares = numbers(context.state()->replicate(relative_to_total(big())));
        ASSERT_EQ(shares.size(), 8u);
        for (int k = 0; k < 8; ++k) EXPECT_EQ(shares[static_cast<std::size_t>(k)], k / 28.0);
        if (context.size() > 1) return;
        const Counters& counters = context.state()->counters();
        EXPECT_GT(counters.spill_written, 4 * kBig) << "eight do not fit into 250 kB";
        EXPECT_EQ(counters.spill_written, counters.spill_read);
        EXPECT_EQ(counters.bytes_spilled, 0);
        EXPECT_FALSE(evictions->chunks.empty());
      },
      {.threads = 1, .memory = 250'000, .spill_directory = "/tmp", .hooks = evictions});
}

TEST(UnknownSizes, ThatCannotFitAreRefusedWithNumbers) {
  const Watchdog watchdog("values beyond the budget");
  for_contexts(
      [](Context& context) {
        // All at once in one task: no setting aside helps.
        const LayerPtr all = map("all", one_number_per_chunk(1), {big()}, {{{-1}}}, [](const TaskRun& task) {
          return std::vector{static_cast<double>(task.inputs.size())};
        });
        const auto error = error_of<RankError>([&] { context.state()->replicate(all); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::memory);
        EXPECT_NE(std::string(error->what()).find("KiB"), std::string::npos) << error->what();
        expect_same_on_all(context, error->what());
        expect_works(context);
      },
      {.threads = 1, .memory = 250'000, .spill_directory = "/tmp"});
}

/// Strings as objects.
class StringOps final : public ValueOps {
 public:
  const std::type_info& type() const override { return typeid(std::string); }
  std::size_t size(const void* object) const override { return text(object).size(); }
  void write(const void* object, std::span<std::byte> into) const override {
    std::memcpy(into.data(), text(object).data(), into.size());
  }
  std::shared_ptr<const void> read(std::span<const std::byte> from) const override {
    return std::make_shared<const std::string>(reinterpret_cast<const char*>(from.data()), from.size());
  }
  static const std::string& text(const void* object) { return *static_cast<const std::string*>(object); }
};
const StringOps kStringOps;

/// Joins its arguments, and adds a letter.
class JoinKernel final : public Kernel {
 public:
  explicit JoinKernel(std::string letter) : letter_(std::move(letter)) {}
  void run(const TaskRun& task) const override {
    std::string joined;
    for (const ChunkView& argument : task.inputs) joined += StringOps::text(argument.value()->get());
    *task.made = Value::object(std::make_shared<const std::string>(joined + letter_), kStringOps);
  }
  Cost cost(const ChunkIndex&) const override { return {}; }
  bool makes() const override { return true; }
  const ValueOps* ops(const ChunkIndex&) const override { return &kStringOps; }

 private:
  std::string letter_;
};

TEST(Objects, GoFromTaskToTaskAndFromRankToRank) {
  const Watchdog watchdog("strings");
  for_contexts([](Context& context) {
    std::vector<ExplicitTask> letters, words;
    for (char letter = 'a'; letter < 'a' + 10; ++letter)
      letters.push_back({{}, std::make_shared<JoinKernel>(std::string(1, letter)), std::string(1, letter)});
    const LayerPtr alphabet = ExplicitLayer::make("letters", letters, {}, 16);
    for (std::int64_t word = 0; word < 7; ++word)
      words.push_back({{{0, ChunkOrdinal{9 - word}}, {0, ChunkOrdinal{word}}, {0, ChunkOrdinal{9 - word}}},
                       std::make_shared<JoinKernel>("."),
                       "word " + std::to_string(word)});
    const LayerPtr text = ExplicitLayer::make("words", words, {alphabet}, 16);
    const std::vector<std::byte> all = context.state()->replicate(text);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(all.data()), all.size()), "jaj.ibi.hch.gdg.fef.efe.dgd.");
  });
}

}  // namespace
}  // namespace dunlin::test
