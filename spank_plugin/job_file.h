// The prolog writes down what it knows about a job (helper/request/job_record.h); the epilog
// removes that. slurmd's prolog and epilog processes, root.
#pragma once

namespace sifguard {

/// Best effort: without the file, a binding that is limited by account, partition, QOS or
/// reservation asks Slurm in another way, or refuses. A failure here never drains a node.
void write_job_file() noexcept;
void remove_job_file() noexcept;

}  // namespace sifguard
