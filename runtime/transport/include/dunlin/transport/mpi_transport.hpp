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
//   control   agreements (MPI_Iallreduce), broadcasts (size, then bytes), and the alarm's tree
//
// MPI must have been initialised with MPI_THREAD_FUNNELED or more; below MPI_THREAD_SERIALIZED, from the thread that
// initialised it. MPI 3.1 is enough. This header does not include <mpi.h>: the caller has it.
//
// Errors: every failing MPI call is a TransportError that names the call and says MPI's own text.

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
