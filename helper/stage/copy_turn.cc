// Whose turn it is to copy a file. Root.
#include "helper/stage/copy_turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "helper/stage/cache_entry.h"
#include "keystore/base/lock_holders.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxRecord = 256;

struct Record {
  std::uint64_t uid = 0, bytes = 0;
};

/// nullopt for what is empty, torn or of another boot.
std::optional<Record> read_record(int fd, const std::string& boot_id) {
  const auto text = read_to_end(fd, kMaxRecord, "a copy's record");
  if (!text || text->empty() || text->back() != '\n') return std::nullopt;
  const auto fields = split(std::string_view(*text).substr(0, text->size() - 1), ' ');
  if (fields.size() != 3 || fields[0] != boot_id) return std::nullopt;
  const auto uid = decimal(fields[1]);
  const auto bytes = decimal(fields[2]);
  if (!uid || !bytes) return std::nullopt;
  return Record{*uid, *bytes};
}

}  // namespace

CopyTurn::Named& CopyTurn::Named::operator=(Named&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(name_, other.name_);
  return *this;
}

CopyTurn::Named::~Named() {
  if (directory_.valid()) ::unlinkat(directory_.get(), name_.c_str(), 0);
}

Result<CopyTurn> CopyTurn::take(int directory_fd, std::string name, std::string boot_id,
                                DigestTable copied, std::uint32_t uid, int wait_ms) {
  UniqueFd directory(::fcntl(directory_fd, F_DUPFD_CLOEXEC, 0));
  if (!directory.valid()) return fail_errno(Code::temporary, "cannot open the cache", errno);
  SG_TRY(FileLock lock, FileLock::acquire(directory_fd, name, FileLock::Mode::exclusive, wait_ms,
                                          "of this image's copy"));
  Named named(std::move(directory), std::move(name));
  // The very file that is locked: only who holds the lock removes its name.
  UniqueFd file(::openat(directory_fd, named.name().c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return fail_errno(Code::internal, "cannot open a copy's record", errno);
  return CopyTurn(std::move(lock), std::move(named), std::move(file), std::move(copied),
                  std::move(boot_id), uid);
}

std::optional<std::string> CopyTurn::digest_since(std::int64_t opened_ns) const {
  const auto last = copied_.find(key());
  if (!last || opened_ns < 0 || last->stamp <= opened_ns) return std::nullopt;
  return last->digest;
}

Status CopyTurn::announce(std::uint64_t bytes) const {
  SG_CHECK(copied_.put(key(), {}, uid_, began_ns_));
  if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0) {
    return fail_errno(Code::internal, "cannot write a copy's record", errno);
  }
  return write_all(file_.get(),
                   boot_id_ + " " + std::to_string(uid_) + " " + std::to_string(bytes) + "\n",
                   "the image cache");
}

Status CopyTurn::finish(const std::string& digest) const {
  return copied_.put(key(), digest, uid_, began_ns_);
}

/// Whoever holds it keeps it, and whoever waits for it makes a new one.
void remove_ended_turn(int directory_fd, const std::string& name) {
  if (FileLock::acquire(directory_fd, name, FileLock::Mode::exclusive, 0, name)) {
    ::unlinkat(directory_fd, name.c_str(), 0);
  }
}

Result<CopiesInProgress> copies_beside(const CopyTurn& turn, int directory_fd,
                                       const std::string& boot_id) {
  CopiesInProgress sum;
  SG_TRY(const auto names, list_names_at(directory_fd));
  for (const std::string& name : names) {
    if (!name.starts_with(kCopyPrefix) || name == turn.name()) continue;
    const UniqueFd fd(::openat(directory_fd, name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid() || try_lock(fd.get(), LOCK_SH)) continue;  // nobody's turn
    const auto record = read_record(fd.get(), boot_id);
    if (!record) continue;
    sum.bytes += record->bytes;
    if (record->uid == turn.uid()) sum.bytes_of_user += record->bytes;
  }
  return sum;
}

}  // namespace sifguard
