// Writing down what the prolog knows about a job (helper/request/job_record.h), and forgetting it
// in the epilog. slurmd's prolog and epilog processes, root.
#pragma once

namespace sifguard {

/// Best effort: without the file a binding that is limited by account, partition, QOS or
/// reservation asks Slurm another way, or refuses. Nothing of this ever drains a node.
void write_job_file() noexcept;
void remove_job_file() noexcept;

}  // namespace sifguard
