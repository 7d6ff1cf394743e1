// The space on the audit log's disk that is reserved for users who have written little recently.
// Root on nodes.
#include "keystore/audit/reserve.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

namespace sifguard {
namespace {

constexpr std::uint64_t kReserve = 64ULL << 20U;

}  // namespace

Result<AuditSpace> audit_space(int directory) {
  struct statvfs disk {};
  if (::fstatvfs(directory, &disk) != 0) {
    return fail_errno(Code::internal, "cannot see the space of the audit log", errno);
  }
  const std::uint64_t block = disk.f_frsize;
  const std::uint64_t all = disk.f_blocks * block;
  // Without a name left for a file nothing is written either.
  const bool no_files = disk.f_files != 0 && disk.f_favail == 0;
  return AuditSpace{no_files ? 0 : disk.f_bavail * block, std::min(kReserve, all / 8)};
}

}  // namespace sifguard
