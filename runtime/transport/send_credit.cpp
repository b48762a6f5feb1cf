#include "send_credit.hpp"

#include <algorithm>

namespace dunlin {

bool SendCredit::fits(const Peer& peer, const Message& message) {
  return peer.messages + message.messages <= kCreditMessages / 2 && peer.bytes + message.bytes <= kCreditBytes / 2;
}

SendCredit::Way SendCredit::admit(const Message& message) {
  Peer& peer = peers_[message.peer];
  if (peer.probe && message.place < *peer.probe) return Way::synchronous;
  if (fits(peer, message)) {
    peer.messages += message.messages;
    peer.bytes += message.bytes;
    peer.last = std::max(peer.last, message.place);
    return Way::eager;
  }
  if (peer.probe) {
    peer.waiting.emplace(message.place, message);
    ++waiting_;
    return Way::wait;
  }
  if (message.place < peer.last) return Way::synchronous;
  peer.probe = peer.last = message.place;
  peer.messages = 0;
  peer.bytes = 0;
  return Way::probe;
}

std::vector<SendCredit::Admitted> SendCredit::confirm(int number) {
  Peer& peer = peers_[number];
  peer.probe.reset();
  std::vector<Admitted> leaving;
  while (!peer.waiting.empty()) {
    const Message first = peer.waiting.begin()->second;
    if (peer.probe && !fits(peer, first)) break;  // it comes after the new probe, and has to wait for it
    peer.waiting.erase(peer.waiting.begin());
    --waiting_;
    leaving.push_back({first, admit(first)});
  }
  return leaving;
}

}  // namespace dunlin
