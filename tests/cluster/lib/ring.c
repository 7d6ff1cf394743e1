/* An MPI program: a number goes round all ranks, large messages go to the neighbour, and all add up their ranks. */
#include <mpi.h>
#include <stdio.h>
#include <string.h>

enum { kLarge = 1 << 20 }; /* above what any transport sends at once */
static char sent[kLarge], received[kLarge];

int main(int argc, char** argv) {
  int rank, size, number = 0, sum = 0, length;
  char host[MPI_MAX_PROCESSOR_NAME];
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Get_processor_name(host, &length);

  const int next = (rank + 1) % size, before = (rank + size - 1) % size;
  if (rank == 0) MPI_Send(&number, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
  MPI_Recv(&number, 1, MPI_INT, before, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  ++number;
  if (rank != 0) MPI_Send(&number, 1, MPI_INT, next, 0, MPI_COMM_WORLD);

  memset(sent, 'a' + rank, kLarge);
  MPI_Sendrecv(sent, kLarge, MPI_CHAR, next, 1, received, kLarge, MPI_CHAR, before, 1, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
  const int whole = received[0] == 'a' + before && received[kLarge - 1] == 'a' + before;
  MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  printf("rank %d of %d on %.*s: sum %d, %s\n", rank, size, length, host, sum, whole ? "whole" : "torn");
  if (rank == 0) printf("the number went through %d hands\n", number);
  return MPI_Finalize();
}
