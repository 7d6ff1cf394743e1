// The file of an audit log: opened as trusted, made durably, and its end. Root on nodes.
#include "keystore/audit/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "keystore/base/atomic_file.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

constexpr int kFlags = O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
constexpr off_t kChunk = 65536;
constexpr off_t kMaxLine = off_t{8} << 20U;  // a record is far smaller

Status check_file(int fd, const std::string& path, Trust trust) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::config, path, errno);
  if (!S_ISREG(st.st_mode)) {
    return fail(Code::config, "the audit log " + path + " is not a regular file", "move it away");
  }
  if (st.st_uid != 0 && st.st_uid != trust.owner) {
    return fail(
        Code::config,
        "the audit log " + path + " is owned by uid " + std::to_string(st.st_uid) + ", not by root",
        "chown root:root " + path);
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(Code::config, "the audit log " + path + " is writable by group or others",
                "chmod go-w " + path);
  }
  return {};
}

Result<UniqueFd> open_or_create(int directory, const std::string& name, const std::string& path,
                                int flags) {
  UniqueFd fd(::openat(directory, name.c_str(), flags | kFlags | O_CREAT | O_EXCL, 0600));
  if (fd.valid()) {
    SG_CHECK(sync_directory(directory, path));
    return fd;
  }
  if (errno == EEXIST) fd = UniqueFd(::openat(directory, name.c_str(), flags | kFlags));
  if (fd.valid()) return fd;
  const int error = errno;
  if (error == ELOOP) {
    return fail(Code::config, "the audit log " + path + " is a symbolic link",
                "configure its real path as audit_file");
  }
  return fail_errno(Code::config, "cannot open the audit log " + path, error);
}

Status read_at(int fd, std::span<char> chunk, off_t offset, const std::string& shown) {
  return pread_exact(fd, std::as_writable_bytes(chunk), static_cast<std::uint64_t>(offset), shown);
}

/// Where the last line end before `end` is, or -1.
Result<off_t> line_end_before(int fd, off_t end, const std::string& shown) {
  std::array<char, kChunk> chunk;
  while (end > 0) {
    const off_t start = std::max<off_t>(0, end - kChunk);
    const auto part = std::span(chunk).first(static_cast<std::size_t>(end - start));
    SG_CHECK(read_at(fd, part, start, shown));
    const std::size_t found = std::string_view(part.data(), part.size()).rfind('\n');
    if (found != std::string_view::npos) return start + static_cast<off_t>(found);
    end = start;
  }
  return off_t{-1};
}

Result<std::string> hash_of(int fd, off_t start, off_t end, const std::string& shown) {
  Sha256 hash;
  std::array<char, kChunk> chunk;
  for (; start < end; start += kChunk) {
    const auto part =
        std::span(chunk).first(static_cast<std::size_t>(std::min<off_t>(kChunk, end - start)));
    SG_CHECK(read_at(fd, part, start, shown));
    hash.update(std::as_bytes(part));
  }
  SG_TRY(const Sha256Digest digest, hash.finish());
  return to_hex(digest);
}

}  // namespace

Result<UniqueFd> open_log_file(int directory, const std::string& name, const std::string& shown,
                               int flags, Trust trust) {
  SG_TRY(UniqueFd fd, open_or_create(directory, name, shown, flags));
  SG_CHECK(check_file(fd.get(), shown, trust));
  return fd;
}

bool is_log_file(int directory, const std::string& name, int fd) noexcept {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd, &ours) == 0 &&
         ::fstatat(directory, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

Result<LogEnd> find_log_end(int fd, const std::string& shown) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::internal, shown, errno);
  LogEnd end;
  end.size = st.st_size;
  SG_TRY(const off_t last, line_end_before(fd, end.size, shown));
  if (last + 1 < end.size) {
    SG_TRY(end.torn, hash_of(fd, last + 1, end.size, shown));
  }
  if (last < 0) return end;
  SG_TRY(const off_t before, line_end_before(fd, last, shown));
  if (last - before - 1 > kMaxLine) return end;
  end.last_line.resize(static_cast<std::size_t>(last - before - 1));
  SG_CHECK(read_at(fd, end.last_line, before + 1, shown));
  return end;
}

}  // namespace sifguard
