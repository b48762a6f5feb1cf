#include "support/connection.hpp"

#include <cstdlib>

#include "dunlin/transport/local_transport.hpp"

namespace dunlin {

Connection::Connection(int& argc, char**& argv, Tasks tasks) {
  if (MpiSession::launched()) {
    session_.emplace(argc, argv);
    transport_ = session_->world();
  } else {
    if (tasks == Tasks::one_job) MpiSession::require_size(1);
    transport_ = make_local_transport();
  }
  rank_ = transport_->rank();
  size_ = transport_->size();
}

std::unique_ptr<Transport> Connection::take_transport() {
  require(transport_ != nullptr, "the transport was taken twice");
  return std::move(transport_);
}

int Connection::launched_rank() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
    if (const char* text = std::getenv(variable)) return std::atoi(text);
  return 0;
}

}  // namespace dunlin
