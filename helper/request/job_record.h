// What the root prolog writes down about a job on a node, for the helper to read when a binding is
// limited by it. Shared by the plugin (libc only) and the helper; both run as root.
//
// There is one file for each job, DIRECTORY/jobs/JOBID (0600 in a 0700 directory of root's):
// "sifguard-job 1" and then NAME=VALUE strings, each ended by NUL, in any order, none twice. The
// values are slurmd's own, from the job's credential; the step's environment, which its owner can
// edit, is not used.
#pragma once

#include <cstddef>
#include <string_view>

namespace sifguard::job_record {

inline constexpr std::string_view kMagic = "sifguard-job 1";
inline constexpr std::size_t kMaxSize = 16384;

/// Variables of the prolog's environment. Some may be missing: the job's QOS before Slurm 26.05,
/// its account where there is no accounting.
inline constexpr const char* kJob = "SLURM_JOB_ID";
inline constexpr const char* kUid = "SLURM_JOB_UID";
inline constexpr const char* kAccount = "SLURM_JOB_ACCOUNT";
inline constexpr const char* kPartition = "SLURM_JOB_PARTITION";
inline constexpr const char* kQos = "SLURM_JOB_QOS";
inline constexpr const char* kReservation = "SLURM_JOB_RESERVATION";
/// From 25.11 on: an id that no other job has, unlike the number, which starts anew.
inline constexpr const char* kSluid = "SLURM_JOB_SLUID";
/// The id of this boot (/proc/sys/kernel/random/boot_id), which does not come from Slurm: a file of
/// an earlier boot, left by a crash, is ignored.
inline constexpr const char* kBoot = "BOOT_ID";

}  // namespace sifguard::job_record
