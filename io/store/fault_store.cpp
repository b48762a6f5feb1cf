#include <array>
#include <atomic>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/store.hpp"

namespace dunlin {
namespace {

class FaultStore final : public Store {
  using Call = StoreFault::Call;

 public:
  FaultStore(std::shared_ptr<Store> below, std::vector<StoreFault> faults)
      : below_(std::move(below)), faults_(std::move(faults)) {}

  std::optional<std::uint64_t> size(const std::string& key) const override {
    fail_if_due(Call::size, "stat", key);
    return below_->size(key);
  }
  void read(const std::string& key, std::uint64_t offset, std::span<std::byte> into) const override {
    fail_if_due(Call::read, "read", key);
    below_->read(key, offset, into);
  }
  void write(const std::string& key, std::span<const std::byte> bytes) override {
    const int error = due(Call::write);
    if (error != 0) {
      below_->write(key, bytes.first(bytes.size() / 2));
      throw IoFailure("write", location(key), error);
    }
    below_->write(key, bytes);
  }
  std::vector<std::string> list(const std::string& prefix) const override {
    fail_if_due(Call::list, "list", prefix);
    return below_->list(prefix);
  }
  bool holds_more_than(const std::string& prefix, const std::string& but) const override {
    fail_if_due(Call::list, "list", prefix);
    return below_->holds_more_than(prefix, but);
  }
  void sync() override {
    fail_if_due(Call::sync, "sync", "");
    below_->sync();
  }
  std::string location(const std::string& key) const override { return below_->location(key); }

 private:
  // Counts a call; the errno that it fails with, or 0.
  int due(Call call) const {
    const std::int64_t number = made_[static_cast<std::size_t>(call)].fetch_add(1);
    for (const StoreFault& fault : faults_)
      if (fault.call == call && (number == fault.nth || (fault.all_later && number > fault.nth))) return fault.error;
    return 0;
  }
  void fail_if_due(Call call, const char* what, const std::string& key) const {
    const int error = due(call);
    if (error != 0) throw IoFailure(what, location(key), error);
  }

  std::shared_ptr<Store> below_;
  std::vector<StoreFault> faults_;
  mutable std::array<std::atomic<std::int64_t>, 5> made_{};
};

}  // namespace

std::shared_ptr<Store> make_fault_store(std::shared_ptr<Store> below, std::vector<StoreFault> faults) {
  return std::make_shared<FaultStore>(std::move(below), std::move(faults));
}

}  // namespace dunlin
