#pragma once
// The ranks of this run of the program: MPI's where a launcher started it, else this process alone.
//
//   Connection connection(argc, argv, Connection::Tasks::one_job);
//   Context context(connection.take_transport(), options);        // gone before the connection
//
// Every process of a launched job connects, whatever it is going to say, so that all end together.

#include <memory>
#include <optional>

#include "dunlin/transport/transport.hpp"
#include "support/mpi_session.hpp"

namespace dunlin {

class Connection {
 public:
  /// Whether tasks that a launcher started must know of one another: they must where they write one output.
  enum class Tasks { one_job, any };

  /// Collective over the job. Throws LaunchMismatch, TransportError.
  Connection(int& argc, char**& argv, Tasks tasks);

  int rank() const { return rank_; }
  int size() const { return size_; }
  /// To be taken once.
  std::unique_ptr<Transport> take_transport();

  /// This process's number among those that a launcher started, by what it left in the environment; 0 where it left
  /// nothing. For errors before there is a connection.
  static int launched_rank();

 private:
  std::optional<MpiSession> session_;
  std::unique_ptr<Transport> transport_;
  int rank_ = 0, size_ = 1;
};

}  // namespace dunlin
