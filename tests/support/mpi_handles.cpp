// The MPI functions that give and take handles are counted here, in front of the library's (MPI's profiling interface:
// each MPI_X is also PMPI_X).

#include <mpi.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "support/held_handles.hpp"

namespace {

dunlin::test::HeldHandles held;
int most = 0;

int count(int code, int& number, int change) {
  if (code == MPI_SUCCESS) number += change;
  most = std::max(most, held.communicators);
  return code;
}
int begun(int code, const MPI_Request* request) {
  return count(code, held.requests, code == MPI_SUCCESS && *request != MPI_REQUEST_NULL ? 1 : 0);
}
/// How many of these requests are open.
int open_among(int n, const MPI_Request* requests) {
  return static_cast<int>(n - std::count(requests, requests + n, MPI_REQUEST_NULL));
}

}  // namespace

namespace dunlin::test {
HeldHandles held_handles() { return held; }
int most_communicators() { return std::exchange(most, held.communicators); }
}  // namespace dunlin::test

extern "C" {
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* copy) { return count(PMPI_Comm_dup(comm, copy), held.communicators, 1); }
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm* part) {
  return count(PMPI_Comm_split_type(comm, type, key, info, part), held.communicators, 1);
}
int MPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm* part) {
  return count(PMPI_Comm_split(comm, color, key, part), held.communicators, 1);
}
int MPI_Comm_free(MPI_Comm* comm) { return count(PMPI_Comm_free(comm), held.communicators, -1); }
int MPI_Type_contiguous(int n, MPI_Datatype old, MPI_Datatype* type) {
  return count(PMPI_Type_contiguous(n, old, type), held.datatypes, 1);
}
int MPI_Type_free(MPI_Datatype* type) { return count(PMPI_Type_free(type), held.datatypes, -1); }
int MPI_Op_create(MPI_User_function* function, int commutes, MPI_Op* op) {
  return count(PMPI_Op_create(function, commutes, op), held.operations, 1);
}
int MPI_Op_free(MPI_Op* op) { return count(PMPI_Op_free(op), held.operations, -1); }

int MPI_Isend(const void* bytes, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request* request) {
  return begun(PMPI_Isend(bytes, n, type, to, tag, comm, request), request);
}
int MPI_Issend(const void* bytes, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request* request) {
  return begun(PMPI_Issend(bytes, n, type, to, tag, comm, request), request);
}
int MPI_Irecv(void* bytes, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Request* request) {
  return begun(PMPI_Irecv(bytes, n, type, from, tag, comm, request), request);
}
int MPI_Iallreduce(const void* in, void* out, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                   MPI_Request* request) {
  return begun(PMPI_Iallreduce(in, out, n, type, op, comm, request), request);
}
int MPI_Ibcast(void* bytes, int n, MPI_Datatype type, int root, MPI_Comm comm, MPI_Request* request) {
  return begun(PMPI_Ibcast(bytes, n, type, root, comm, request), request);
}
int MPI_Test(MPI_Request* request, int* done, MPI_Status* status) {
  const int before = open_among(1, request), code = PMPI_Test(request, done, status);
  held.requests -= before - open_among(1, request);
  return code;
}
int MPI_Wait(MPI_Request* request, MPI_Status* status) {
  const int before = open_among(1, request), code = PMPI_Wait(request, status);
  held.requests -= before - open_among(1, request);
  return code;
}
int MPI_Waitall(int n, MPI_Request* requests, MPI_Status* statuses) {
  const int before = open_among(n, requests), code = PMPI_Waitall(n, requests, statuses);
  held.requests -= before - open_among(n, requests);
  return code;
}
int MPI_Testall(int n, MPI_Request* requests, int* done, MPI_Status* statuses) {
  const int before = open_among(n, requests), code = PMPI_Testall(n, requests, done, statuses);
  held.requests -= before - open_among(n, requests);
  return code;
}
int MPI_Testsome(int n, MPI_Request* requests, int* count, int* which, MPI_Status* statuses) {
  const int before = open_among(n, requests), code = PMPI_Testsome(n, requests, count, which, statuses);
  held.requests -= before - open_among(n, requests);
  return code;
}
int MPI_Request_free(MPI_Request* request) { return count(PMPI_Request_free(request), held.requests, -1); }
}
