#include <cstring>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/store.hpp"

namespace dunlin {
namespace {

class MemoryStore final : public Store {
 public:
  std::optional<std::uint64_t> size(const std::string& key) const override {
    check_key(key);
    const std::shared_lock lock(mutex_);
    const auto found = values_.find(key);
    if (found != values_.end()) return found->second.size();
    const auto below = values_.lower_bound(key + "/");
    if (below != values_.end() && below->first.starts_with(key + "/")) throw NoValue(location(key), "is a folder");
    for (std::size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1))
      if (values_.contains(key.substr(0, slash))) throw NoValue(location(key.substr(0, slash)), "is no folder");
    return std::nullopt;
  }

  void read(const std::string& key, std::uint64_t offset, std::span<std::byte> into) const override {
    check_key(key);
    const std::shared_lock lock(mutex_);
    const auto found = values_.find(key);
    if (found == values_.end()) throw InputError("no such key: " + location(key));
    const auto& value = found->second;
    if (offset > value.size() || into.size() > value.size() - offset)
      throw EndOfFile(location(key), offset, into.size(), value.size());
    if (!into.empty()) std::memcpy(into.data(), value.data() + offset, into.size());
  }

  void write(const std::string& key, std::span<const std::byte> bytes) override {
    check_key(key);
    std::vector<std::byte> value(bytes.begin(), bytes.end());
    const std::unique_lock lock(mutex_);
    values_[key] = std::move(value);
  }

  std::vector<std::string> list(const std::string& prefix) const override {
    if (!prefix.empty()) check_key(prefix);
    const std::string start = prefix.empty() ? "" : prefix + "/";
    std::vector<std::string> names;
    const std::shared_lock lock(mutex_);
    for (auto at = values_.lower_bound(start); at != values_.end() && at->first.starts_with(start); ++at) {
      const std::size_t slash = at->first.find('/', start.size());
      std::string name = at->first.substr(start.size(), slash == std::string::npos ? slash : slash + 1 - start.size());
      if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    return names;
  }

  bool holds_more_than(const std::string& prefix, const std::string& but) const override {
    const std::string start = prefix.empty() ? "" : prefix + "/";
    const std::shared_lock lock(mutex_);
    for (auto at = values_.lower_bound(start); at != values_.end() && at->first.starts_with(start); ++at)
      if (at->first != but) return true;
    return false;
  }

  void sync() override {}
  std::string location(const std::string& key) const override { return "memory:" + key; }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::vector<std::byte>> values_;
};

}  // namespace

std::shared_ptr<Store> make_memory_store() { return std::make_shared<MemoryStore>(); }

}  // namespace dunlin
