#pragma once
// Ranks that are MPI processes.
//
// The communicator that the caller passes is duplicated twice, for data and for control, so that no message of ours
// meets one of the caller's, nor one of another transport on the same communicator; its error handler is not touched.
// Communicators are freed when the transport goes, unless MPI has ended before.
//
//   data      edge `ordinal` to a peer → messages with tag ordinal mod 2^20 (less where MPI has fewer tags); a planned
//             size above the piece size takes several messages of one tag, in order:
//               edge := piece*      ceil(planned / piece size) of them, at least one; all full but the last with bytes,
//                                   then empty ones: poison is as many empty pieces as were planned
//   control   agreements (MPI_Iallreduce), broadcasts (size, then bytes), and two kinds of news along a tree of ranks:
//             the alarm of a run, and that a rank has left in disorder
//
// There are no other control messages. Failure and cancellation are the alarm's; a value of unknown size is two planned
// edges, eight bytes that say the size and then the body; and credit needs none, since a synchronous message among the
// small ones tells what the receiver has asked for (send_credit.hpp): at most 1 MiB or 1,024 small messages per peer
// are under way that nobody is known to have asked for, however far a sender runs ahead.
//
// Small messages are not put together here. On two ranks of one node a stream of 64-byte messages costs 0.21 us each,
// in frames of eight 0.055 us, of 32 0.029 us (tests/bench/transport_cost.cpp), without what finding the edges of a
// frame would cost. What could be saved, 0.15 us at most, is little beside the tasks at an edge's ends; a frame would
// make a message that comes alone dearer, and wait for others that may not come. Where many values go from one rank to
// another at a time, in an all-to-all, the plan makes one message of them, and knows what is in it.
//
// MPI must have been initialised with MPI_THREAD_FUNNELED or more; below MPI_THREAD_SERIALIZED, from the thread that
// initialised it. MPI 3.1 is enough. This header does not include <mpi.h>: the caller has it.
//
// Errors: every failing MPI call is a TransportError that names the call and says MPI's own text. After one, or after
// an exception that passed before all ranks agreed to leave, the two communicators are not freed: a late message would
// find its way into ones that took their place.

#include <cstddef>
#include <memory>

#include "dunlin/transport/transport.hpp"

namespace dunlin {

/// Largest single message.
inline constexpr std::size_t kLargestPiece = std::size_t{128} << 20;

/// Makes the transport of the calling rank. Collective over `comm`, an intracommunicator. `Comm` is MPI_Comm, and
/// nothing else links. `piece_bytes`, from 1 to 1 GiB and the same on all ranks, is the largest single message. Throws
/// UsageError where MPI is not running, gave too low a thread level, or knows this thread as a stranger.
template <class Comm>
std::unique_ptr<Transport> make_transport(Comm comm, std::size_t piece_bytes = kLargestPiece);

}  // namespace dunlin
