// The task's private view of /run/sifguard/job. Root, in the task's own mount namespace.
#include "helper/mount/job_mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "keystore/base/fd.h"
#include "keystore/base/lines.h"
#include "keystore/base/mount_line.h"
#include "keystore/base/text.h"
#include "keystore/base/trusted_file.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr unsigned long kMemoryFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
constexpr unsigned long kImageFlags = MS_NOSUID | MS_NODEV | MS_RDONLY;

/// The mount point on the node's own /run: empty, root's, the same for every task.
Status make_mount_point() {
  for (const char* path : {SIFGUARD_RUN_DIR, kJobDirectory}) {
    if (::mkdir(path, 0755) != 0 && errno != EEXIST) {
      return fail_errno(Code::config, std::string("cannot make ") + path, errno);
    }
    // Our umask is tight; the mode must let the job's owner through.
    if (auto trusted = open_trusted_directory(path, Trust{0}); !trusted) {
      return tl::unexpected(std::move(trusted).error());
    } else if (::fchmod(trusted->get(), 0755) != 0) {
      return fail_errno(Code::config, std::string("cannot set the mode of ") + path, errno);
    }
  }
  return {};
}

Status mount_memory() {
  if (::mount("sifguard", kJobDirectory, "tmpfs", kMemoryFlags,
              "mode=0755,size=4m,nr_inodes=512,noswap") == 0 ||
      ::mount("sifguard", kJobDirectory, "ramfs", kMemoryFlags, "mode=0755") == 0) {
    return {};
  }
  return fail_errno(Code::internal, "cannot mount memory for the job's key", errno);
}

/// Whether the job's directory is shared with other namespaces. True also when that cannot be found
/// out.
bool is_shared() {
  constexpr std::size_t kMaxLine = 1U << 20U;  // paths and options of a page each
  const UniqueFd fd(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  bool shared = true;
  const auto look_at = [&](std::string_view line, bool) -> Status {
    const auto mount = parse_mount_line(line);
    // Of several mounts on one another the last is on top.
    if (mount && mount->point == kJobDirectory) shared = mount->shared;
    return {};
  };
  return !read_lines(fd.get(), kMaxLine, "mountinfo", look_at) || shared;
}

/// A key in a directory that others share would be shown to the whole node.
Status refuse_shared() {
  if (!is_shared()) return {};
  ::umount2(kJobDirectory, MNT_DETACH);
  return fail(Code::internal, "mounts of the task would be seen by the whole node");
}

Status write_file(const std::string& path, std::span<const std::byte> content, mode_t mode,
                  uid_t uid, gid_t gid) {
  const UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail_errno(Code::internal, "cannot make " + path, errno);
  SG_CHECK(write_all(fd.get(), content, path));
  if (::fchown(fd.get(), uid, gid) != 0 || ::fchmod(fd.get(), mode) != 0) {
    return fail_errno(Code::internal, "cannot set the owner of " + path, errno);
  }
  return {};
}

Status bind_image(const std::string& source, const std::string& target) {
  SG_CHECK(write_file(target, {}, 0444, 0, 0));
  if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
      ::mount(nullptr, target.c_str(), nullptr, MS_BIND | MS_REMOUNT | kImageFlags, nullptr) != 0) {
    return fail_errno(Code::internal, "cannot bind the staged image", errno);
  }
  return {};
}

Status make_directory(const std::string& path, mode_t mode = 0755) {
  if (::mkdir(path.c_str(), mode) == 0 && ::chmod(path.c_str(), mode) == 0) return {};
  return fail_errno(Code::internal, "cannot make " + path, errno);
}

Status make_turns(unsigned count) {
  constexpr unsigned kMost = 256;  // on more CPUs than that, tasks do not wait for each other long
  if (count == 0) return {};
  SG_CHECK(make_directory(kTurnsDirectory));
  for (unsigned number = 0; number < std::min(count, kMost); ++number) {
    SG_CHECK(
        write_file(std::string(kTurnsDirectory) + "/" + std::to_string(number), {}, 0444, 0, 0));
  }
  return {};
}

/// What is mounted, the cache does not drop.
Status hold_copy(const JobMounts& mounts) {
  const std::string place = std::string(kJobDirectory) + "/copy";
  SG_CHECK(make_directory(place, 0700));
  return bind_image(mounts.image_source, place + "/image.sif");
}

/// `show_image` puts the image, or its root, where the plan says that it is.
Status fill(const LaunchPlan& plan, const std::function<Status()>& show_image) {
  SG_CHECK(write_file(kPlanPath, as_bytes(format_plan(plan)), 0444, 0, 0));
  SG_CHECK(make_directory(std::string(kJobDirectory) + "/image"));
  SG_CHECK(show_image());
  if (::mount(nullptr, kJobDirectory, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kMemoryFlags,
              nullptr) != 0) {
    return fail_errno(Code::internal, "cannot make the job's directory read-only", errno);
  }
  return {};
}

}  // namespace

std::string mounted_image_path(const std::string& canonical_path) {
  const std::string name = canonical_path.substr(canonical_path.rfind('/') + 1);
  return std::string(kJobDirectory) + "/image/" + (is_name(name) ? name : "image.sif");
}

bool is_private_namespace(pid_t host_pid) {
  struct stat ours {};
  struct stat theirs {};
  const std::string path = "/proc/" + std::to_string(host_pid) + "/ns/mnt";
  return ::stat("/proc/self/ns/mnt", &ours) == 0 && ::stat(path.c_str(), &theirs) == 0 &&
         ours.st_ino != theirs.st_ino;
}

Result<JobDirectory> JobDirectory::make() {
  SG_CHECK(make_mount_point());
  SG_CHECK(mount_memory());
  SG_CHECK(refuse_shared());
  return JobDirectory();
}

Status mount_job(const JobDirectory& directory, const JobMounts& mounts, const LaunchPlan& plan,
                 const Admission& admission, const ReleasedKey& key) {
  (void)directory;  // having them is the condition
  (void)admission;
  if (key.pem() != nullptr) {
    SG_CHECK(write_file(kPemPath, key.pem()->bytes(), 0400, mounts.uid, mounts.gid));
    SG_CHECK(make_turns(mounts.turns));
  }
  return fill(plan, [&] { return bind_image(mounts.image_source, mounts.image_path); });
}

Status mount_job(const JobDirectory& directory, const JobMounts& mounts, const LaunchPlan& plan,
                 const RootMount& root) {
  (void)directory;
  return fill(plan, [&]() -> Status {
    SG_CHECK(hold_copy(mounts));
    SG_CHECK(make_directory(mounts.image_path));
    return root.place(mounts.image_path);
  });
}

Status mount_job(const JobDirectory& directory, const JobMounts& mounts, const LaunchPlan& plan,
                 const UnverifiedAdmission& admission) {
  (void)directory;
  (void)admission;
  return fill(plan, [&] { return bind_image(mounts.image_source, mounts.image_path); });
}

}  // namespace sifguard
