// What a node remembers of its sifguard.yaml between steps and across reboots: whether the last
// good reading enforced images, and which file was read. Shared by the plugin (libc only) and all
// other programs; only sifguard-helper writes it, as root.
//
// Each node has one file, DIRECTORY/enforcement.HOST (0600, in a directory that only root can
// write), with one Record in native byte order. A file with other content, or that others than root
// could write, is damaged and counts as one that enforces: when there is no room to record that
// images are enforced, an empty file is left.
#pragma once

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sifguard::enforcement_record {

/// A state of the configuration file, which can be compared with others without reading the file.
struct Identity {
  enum Kind : std::uint32_t { kUnknown = 0, kAbsent = 1, kThere = 2 };
  std::uint32_t kind = kUnknown;
  std::uint32_t mode = 0;  ///< of stat(2); if it is a link, of the link itself
  std::uint64_t device = 0, inode = 0, owner = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;

  bool operator==(const Identity&) const = default;
  /// An unknown identity is not equal to any other.
  [[nodiscard]] bool is_same(const Identity& other) const noexcept {
    return kind != kUnknown && *this == other;
  }
};

/// What the last good reading said.
enum Reading : std::uint32_t { kNever = 0, kNothing = 1, kEnforces = 2 };

struct Record {
  std::uint32_t magic = 0x52454753;  // "SGER"
  std::uint32_t version = 1;
  std::uint32_t last_good = kNever;  ///< of Reading
  std::uint32_t understood =
      1;                  ///< 0: the file `seen` was not understood, and nothing was enforced
  Identity seen;          ///< the file that was read last
  std::uint64_t sum = 0;  ///< of the bytes before it
};
static_assert(sizeof(Record) == 80, "no padding: it is written and summed as bytes");

/// FNV-1a: it detects an incomplete file, not a manipulation by root.
inline std::uint64_t sum_of(const Record& record) noexcept {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&record);
  std::uint64_t sum = 0xcbf29ce484222325ULL;
  for (std::size_t i = 0; i < offsetof(Record, sum); ++i) {
    sum = (sum ^ bytes[i]) * 0x100000001b3ULL;
  }
  return sum;
}

inline bool is_valid(const Record& record) noexcept {
  const Record fresh;
  return record.magic == fresh.magic && record.version == fresh.version &&
         record.last_good <= kEnforces && record.understood <= 1 && record.sum == sum_of(record);
}

/// Identifies the file by opening it, so that a network file system asks its server; a link, or a
/// file that cannot be opened, is identified by lstat(2).
inline Identity look_at(const char* path) noexcept {
  constexpr std::int64_t kNsPerS = 1000000000;
  struct stat st {};
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const bool seen = fd >= 0 ? fstat(fd, &st) == 0 : lstat(path, &st) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  Identity identity;
  if (!seen) {
    if (error == ENOENT || error == ENOTDIR) identity.kind = Identity::kAbsent;
    return identity;
  }
  identity.kind = Identity::kThere;
  identity.mode = st.st_mode;
  identity.device = st.st_dev;
  identity.inode = st.st_ino;
  identity.owner = st.st_uid;
  identity.size = static_cast<std::uint64_t>(st.st_size);
  identity.modified_ns = st.st_mtim.tv_sec * kNsPerS + st.st_mtim.tv_nsec;
  identity.changed_ns = st.st_ctim.tv_sec * kNsPerS + st.st_ctim.tv_nsec;
  return identity;
}

enum class Memory {
  none,     ///< this node has never remembered anything
  good,     ///< `record` is what it remembers
  damaged,  ///< there is a file, but it is not valid
};

/// "enforcement." and this host's name; false when it has none.
inline bool file_name(char* name, std::size_t size) noexcept {
  char host[HOST_NAME_MAX + 1] = "";
  if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') return false;
  for (char* c = host; *c != '\0'; ++c) {
    if (*c == '/') *c = '_';
  }
  const int length = snprintf(name, size, "enforcement.%s", host);
  return length > 0 && static_cast<std::size_t>(length) < size;
}

/// Whether only root or the current user could have written the file that `st` describes.
inline bool is_own(const struct stat& st) noexcept {
  return (st.st_uid == 0 || st.st_uid == geteuid()) && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Reads this host's record in `directory`.
inline Memory recall(const char* directory, Record& record) noexcept {
  char name[HOST_NAME_MAX + 32];
  if (!file_name(name, sizeof name)) return Memory::damaged;
  const int place = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place < 0) return errno == ENOENT || errno == ENOTDIR ? Memory::none : Memory::damaged;
  const int fd = openat(place, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const bool absent = fd < 0 && errno == ENOENT;
  struct stat st {};
  bool good = fd >= 0 && fstat(place, &st) == 0 && is_own(st) && fstat(fd, &st) == 0 &&
              S_ISREG(st.st_mode) && is_own(st) && st.st_size == sizeof record;
  good = good && read(fd, &record, sizeof record) == sizeof record && is_valid(record);
  if (fd >= 0) close(fd);
  close(place);
  if (absent) return Memory::none;
  return good ? Memory::good : Memory::damaged;
}

/// Whether a node with this memory must not continue as if nothing were enforced.
inline bool insists(Memory memory, const Record& record) noexcept {
  return memory == Memory::damaged || (memory == Memory::good && record.last_good == kEnforces);
}

}  // namespace sifguard::enforcement_record
