// The task's private view of /run/sifguard/job: plan, image and perhaps a transient key. Root, in
// the task's own mount namespace, which the plugin made. Nothing here is visible outside it, and
// all of it ends with the task's last process.
//
//   /run/sifguard/job            tmpfs that never swaps (ramfs before Linux 6.4), nosuid, nodev,
//                                noexec, read-only once it is complete
//   /run/sifguard/job/plan       0444, what the launcher executes
//   /run/sifguard/job/key.pem    0400, owned by the job's owner; only for an encrypted image whose
//                                binding releases a PEM
//   /run/sifguard/job/turns/N    0444, from 0 on; only for an image that the runtime unlocks by
//                                gocryptfs; tasks take turns at that (helper/launch/turns.h)
//   /run/sifguard/job/image/NAME the staged copy, bound read-only; or its mounted root, a directory
//   /run/sifguard/job/copy       0700, root's: with a mounted root, the copy is mounted below it,
//                                so that the cache sees that it is in use
#pragma once

#include <sys/types.h>

#include <string>

#include "helper/launch/plan.h"
#include "helper/mount/root_mount.h"
#include "helper/release/rekey.h"
#include "keystore/base/error.h"

namespace sifguard {

/// Where the image will be seen: its own file name, or "image.sif" if that has odd characters.
[[nodiscard]] std::string mounted_image_path(const std::string& canonical_path);

struct JobMounts {
  std::string image_source;  ///< the cache entry's image, or the published one
  std::string image_path;    ///< mounted_image_path()
  uid_t uid = 0;             ///< owner of key.pem
  gid_t gid = 0;
  unsigned turns = 0;  ///< how many tasks may unlock it at once, with a key; 0: all of them
};

/// Whether this process is in another mount namespace than the process `host_pid`: in the namespace
/// of slurmstepd the whole node would see the key. False also when that cannot be determined.
[[nodiscard]] bool is_private_namespace(pid_t host_pid);

/// The empty job directory: memory that this namespace alone sees. Only make() makes one.
class JobDirectory {
 public:
  /// Call only in a mount namespace of the task's own (is_private_namespace()). A failure may leave
  /// mounts there, which end with the task. Errors: Code::internal, also when mounts made here
  /// would be seen in other namespaces (nothing is then left); Code::config for an untrusted
  /// /run/sifguard.
  [[nodiscard]] static Result<JobDirectory> make();

 private:
  JobDirectory() = default;
};

/// Fills it and makes it read-only. Errors: Code::internal; mounts are left as above.
Status mount_job(const JobDirectory& directory, const JobMounts& mounts, const LaunchPlan& plan,
                 const Admission& admission, const ReleasedKey& key);
/// The same with the image's root instead of the image, and without a key.
Status mount_job(const JobDirectory& directory, const JobMounts& mounts, const LaunchPlan& plan,
                 const RootMount& root);
/// Without any key, for an image that a binding in mode `warn` lets run unverified.
Status mount_job(const JobDirectory& directory, const JobMounts& mounts, const LaunchPlan& plan,
                 const UnverifiedAdmission& admission);

}  // namespace sifguard
