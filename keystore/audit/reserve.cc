// What of the audit log's disk is kept for users who have written little of late. Root on nodes.
#include "keystore/audit/reserve.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::uint64_t kReserve = 64ULL << 20U;
constexpr std::uint64_t kLook = 8ULL << 20U;
constexpr std::uint64_t kShare = 1ULL << 20U;
constexpr std::string_view kTime = "{\"time\":\"";  // how every line begins (format.cc)

/// The number as the line has it; no text in it can look so, since quotes in texts are escaped.
bool is_of(std::string_view line, const std::string& field) {
  const std::size_t found = line.find(field);
  if (found == std::string_view::npos || found + field.size() >= line.size()) return false;
  const char next = line[found + field.size()];
  return next == ',' || next == '}';
}

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

Result<bool> has_written_much(int log, std::int64_t uid, std::string_view since,
                              const std::string& shown) {
  struct stat st {};
  if (::fstat(log, &st) != 0) return fail_errno(Code::internal, shown, errno);
  const auto size = static_cast<std::uint64_t>(st.st_size);
  std::string text(static_cast<std::size_t>(std::min(size, kLook)), '\0');
  SG_CHECK(pread_exact(log, std::as_writable_bytes(std::span(text)), size - text.size(), shown));
  const std::string field = ",\"uid\":" + std::to_string(uid);
  std::uint64_t written = 0;
  for (std::string_view rest(text); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool recent = line.starts_with(kTime) && line.substr(kTime.size()) >= since;
    if (recent && is_of(line, field)) written += line.size() + 1;
  }
  return written > kShare;
}

}  // namespace sifguard
