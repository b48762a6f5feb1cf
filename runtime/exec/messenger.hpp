#pragma once
// The lead's talk with the other ranks during a run: posts what the state has granted and made, takes in what has come.
// Used by thread 0 alone.

#include <unordered_map>

#include "run_state.hpp"

namespace dunlin {

class Messenger final : public TaskPoll {
 public:
  Messenger(const RunParts& parts, RunState& state) : parts_(parts), state_(state) {}

  /// Posts, polls, takes in.
  void talk();
  /// True where nothing is posted and nothing waits to be.
  bool is_silent() const { return requests_.empty() && postponed_.empty() && receive_.empty() && !state_.has_talk(); }
  /// True where an answer may come at any time.
  bool expects() const { return !requests_.empty() || !postponed_.empty() || !receive_.empty(); }
  /// From within a kernel: talks if the last time is long ago.
  void poll() override;
  /// Whether this is called from within a kernel.
  void set_within_task(bool within) { within_task_ = within; }

 private:
  /// What a request carries: a value, or the size that goes before it.
  struct Request {
    std::uint32_t item;
    bool is_receive, is_size;
    std::unique_ptr<std::int64_t> size;  // of a size message
    Buffer written;                      // an object's bytes, while they are sent
  };
  const Layer& layer(std::uint32_t item) const { return parts_.plan.graph().layer(parts_.schedule.items[item].layer); }
  bool is_exact(std::uint32_t item) const {
    return parts_.schedule.items[item].is_parcel() || layer(item).output().is_exact();
  }
  void post_receive(std::uint32_t item);
  void post_body(std::uint32_t item, std::int64_t bytes);
  void post_sends(std::uint32_t item);
  void post_send(std::uint32_t item, const Schedule::Send& send, Buffer written);
  void take_in(const Completion& completion);
  void take_size(std::uint32_t item, const Completion& completion, std::int64_t size);
  void poison(std::uint32_t item);
  const ValueOps* ops_of(std::uint32_t item) const;
  void received(std::uint32_t item);

  const RunParts& parts_;
  RunState& state_;
  bool within_task_ = false;
  std::unordered_map<RequestId, Request> requests_;
  std::vector<std::pair<std::uint32_t, std::int64_t>> postponed_;  // receives that found no memory, with their bytes
  std::vector<std::uint32_t> receive_;                             // to be posted, in order
  std::vector<std::uint32_t> send_;                                // scratch
  std::vector<Completion> done_;                                   // scratch
  std::int64_t last_talk_ns_ = 0;
};

}  // namespace dunlin
