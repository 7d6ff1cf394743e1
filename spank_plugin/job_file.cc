// Writing down what the prolog knows about a job. slurmd's prolog and epilog processes, root.
#include "spank_plugin/job_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "helper/request/job_record.h"
#include "sifguard/paths.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {
namespace {

constexpr const char* kRecorded[] = {
    job_record::kJob, job_record::kUid,         job_record::kAccount, job_record::kPartition,
    job_record::kQos, job_record::kReservation, job_record::kSluid};

struct Buffer {
  char data[job_record::kMaxSize] = {};
  std::size_t size = 0;
  bool whole = true;

  /// Appends `name`=`value` and NUL; the name may be empty.
  void add(const char* name, const char* value) {
    const std::size_t room = sizeof data - size;
    const int length =
        std::snprintf(data + size, room, "%s%s%s", name, *name == '\0' ? "" : "=", value);
    if (length < 0 || static_cast<std::size_t>(length) >= room) {
      whole = false;
    } else {
      size += static_cast<std::size_t>(length) + 1;
    }
  }
};

constinit Buffer g_buffer;  // too large for a stack that is not ours

bool read_boot_id(char* id, std::size_t size) {
  const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t length = read(fd, id, size - 1);
  close(fd);
  if (length <= 0) return false;
  id[length] = '\0';
  id[strcspn(id, "\n")] = '\0';
  return id[0] != '\0';
}

/// The job's id, digits only: it becomes the name of a file.
const char* job_id() {
  const char* const id = getenv(job_record::kJob);
  if (id == nullptr || *id == '\0' || strspn(id, "0123456789") != strlen(id) || strlen(id) > 10) {
    return nullptr;
  }
  return id;
}

int open_directory(bool make) {
  if (make) {
    mkdir(SIFGUARD_RUN_DIR, 0755);
    mkdir(SIFGUARD_RUN_DIR "/jobs", 0700);
  }
  const int fd = open(SIFGUARD_RUN_DIR "/jobs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st {};
  if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == 0 && (st.st_mode & 077U) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

bool fill(Buffer& buffer) {
  char boot[64];
  if (!read_boot_id(boot, sizeof boot)) return false;
  buffer.add("", job_record::kMagic.data());
  buffer.add(job_record::kBoot, boot);
  for (const char* const name : kRecorded) {
    const char* const value = getenv(name);
    if (value != nullptr && *value != '\0') buffer.add(name, value);
  }
  return buffer.whole;
}

/// Complete under its name, or not there.
bool store(int directory, const char* id, const Buffer& buffer) {
  char temporary[32];
  std::snprintf(temporary, sizeof temporary, ".%s.tmp", id);
  unlinkat(directory, temporary, 0);
  const int fd =
      openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written = write(fd, buffer.data, buffer.size) == static_cast<ssize_t>(buffer.size);
  const bool closed = close(fd) == 0;
  if (written && closed && renameat(directory, temporary, directory, id) == 0) return true;
  unlinkat(directory, temporary, 0);
  return false;
}

}  // namespace

void write_job_file() noexcept {
  const char* const id = job_id();
  if (id == nullptr) return;
  Buffer& buffer = g_buffer;
  const int directory = open_directory(true);
  // Of a run of the job before this one, which had no epilog: if no new one can be written, the
  // facts are to be unknown, not old.
  const bool gone = directory >= 0 && (unlinkat(directory, id, 0) == 0 || errno == ENOENT);
  if (!gone || !fill(buffer) || !store(directory, id, buffer)) {
    slurm_info("sifguard: cannot write down the facts of job %s: %s", id, strerror(errno));
  }
  if (directory >= 0) close(directory);
}

void remove_job_file() noexcept {
  const char* const id = job_id();
  const int directory = id == nullptr ? -1 : open_directory(false);
  if (directory < 0) return;
  unlinkat(directory, id, 0);
  close(directory);
}

}  // namespace sifguard
