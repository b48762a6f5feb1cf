#pragma once
// Who writes an output, as its lock says, and whether that process may still live.
//
//   lock := line*       line := key ' ' value '\n'       keys not known are passed over
//
//   host node17                        name of the machine
//   pid 4711                           process on it
//   start 8812345                      of the process, in clock ticks since the machine's boot
//   boot 3f1c…                         the kernel's random id of that boot
//   pids pid:[4026531836]              the namespace in which the process has that number (a container has its own)
//   job Slurm 1234 on levante          of the batch system; empty outside of one
//   restart 1                          how often Slurm has requeued that job
//   began 1764038723                   seconds since 1970, UTC
//
// A wrong "dead" would let two jobs write into one folder, so it takes proof:
//
//   same host, boot and namespace      dead where no such process runs, or another one has its number
//   same host, another boot            dead where this machine booted after the lock was made; else a namesake
//   same Slurm job, requeued since     dead wherever it ran: Slurm ends a job before it starts it again
//   anything else                      cannot be known here, so it counts as alive
//
// A heartbeat would not do: a process that is stopped or waits for a file system for an hour is alive. Nor does
// --overwrite take a lock: it stands in job scripts by habit, and a second job started by mistake would destroy what
// the first writes. A user who knows better removes the folder; the refusal says how.

#include <cstdint>
#include <optional>
#include <string>

namespace dunlin {

struct OutputOwner {
  std::string host, boot, pids, job;
  std::int64_t pid = 0, start = 0, restart = 0, began = 0;
  friend bool operator==(const OutputOwner&, const OutputOwner&) = default;

  /// This process, now.
  static OutputOwner self();
  /// Start of a process in clock ticks since boot; 0 where there is none of this number.
  static std::int64_t start_of(std::int64_t pid);
  std::string text() const;
  /// Nothing where the text names no host and process.
  static std::optional<OutputOwner> parse(const std::string& text);

  /// True unless it is certain that the owner is gone.
  bool may_live() const;
  /// "process 4711 on node17, job Slurm 1234, since 2026-11-25T02:45:23Z".
  std::string description() const;
};

}  // namespace dunlin
