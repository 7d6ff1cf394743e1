// What the root prolog writes down about a job on a node, for the helper to read when a binding is
// limited by it. Shared by the plugin (libc only) and the helper; both run as root.
//
// One file a job, DIRECTORY/jobs/JOBID (0600 in a 0700 directory of root's): "sifguard-job 1" and
// then NAME=VALUE strings, each ended by NUL, in any order, none twice. The values are slurmd's
// own, taken from the job's credential; the step's environment, which its owner can edit, is not
// asked.
#pragma once

#include <cstddef>
#include <string_view>

namespace sifguard::job_record {

inline constexpr std::string_view kMagic = "sifguard-job 1";
inline constexpr std::size_t kMaxSize = 16384;

/// Of the prolog's environment. Releases leave out some: the job's QOS before 26.05, its account
/// where there is no accounting.
inline constexpr const char* kJob = "SLURM_JOB_ID";
inline constexpr const char* kUid = "SLURM_JOB_UID";
inline constexpr const char* kAccount = "SLURM_JOB_ACCOUNT";
inline constexpr const char* kPartition = "SLURM_JOB_PARTITION";
inline constexpr const char* kQos = "SLURM_JOB_QOS";
inline constexpr const char* kReservation = "SLURM_JOB_RESERVATION";
/// Not Slurm's: of this boot (/proc/sys/kernel/random/boot_id), so that a file which outlived a
/// crash says nothing.
inline constexpr const char* kBoot = "BOOT_ID";

}  // namespace sifguard::job_record
