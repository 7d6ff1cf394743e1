// Whose turn it is to copy a file. Root.
#include "helper/stage/copy_turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "helper/stage/cache_entry.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxRecord = 256;

struct Record {
  std::uint64_t uid = 0, bytes = 0, began_ns = 0;
  std::string digest;  ///< empty: not finished
};

/// nullopt for what is empty, torn or of another boot.
std::optional<Record> read_record(int fd, const std::string& boot_id) {
  const auto text = read_to_end(fd, kMaxRecord, "a copy's record");
  if (!text || text->empty() || text->back() != '\n') return std::nullopt;
  const auto fields = split(std::string_view(*text).substr(0, text->size() - 1), ' ');
  if (fields.size() != 5 || fields[0] != boot_id) return std::nullopt;
  const auto uid = decimal(fields[1]);
  const auto bytes = decimal(fields[2]);
  const auto began = decimal(fields[3]);
  const bool finished = fields[4].size() == 64 && from_hex(fields[4]);
  if (!uid || !bytes || !began || (!finished && fields[4] != "-")) return std::nullopt;
  return Record{*uid, *bytes, *began, finished ? fields[4] : ""};
}

}  // namespace

Result<CopyTurn> CopyTurn::take(int directory_fd, std::string name, std::string boot_id,
                                std::uint32_t uid, int wait_ms) {
  SG_TRY(FileLock lock, FileLock::acquire(directory_fd, name, FileLock::Mode::exclusive, wait_ms,
                                          "of this image's copy"));
  // The very file that is locked: only who holds the lock removes its name.
  UniqueFd file(::openat(directory_fd, name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return fail_errno(Code::internal, "cannot open a copy's record", errno);
  return CopyTurn(std::move(lock), std::move(file), std::move(name), std::move(boot_id), uid);
}

std::optional<std::string> CopyTurn::digest_since(std::int64_t opened_ns) const {
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) return std::nullopt;
  const auto last = read_record(file_.get(), boot_id_);
  if (!last || last->uid != uid_ || last->digest.empty() || opened_ns < 0 ||
      last->began_ns <= static_cast<std::uint64_t>(opened_ns)) {
    return std::nullopt;
  }
  return last->digest;
}

Status CopyTurn::announce(std::uint64_t bytes) const {
  return write(bytes, "-");
}

Status CopyTurn::finish(const std::string& digest) const {
  return write(0, digest);
}

Status CopyTurn::write(std::uint64_t bytes, std::string_view digest) const {
  if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0) {
    return fail_errno(Code::internal, "cannot write a copy's record", errno);
  }
  return write_all(file_.get(),
                   boot_id_ + " " + std::to_string(uid_) + " " + std::to_string(bytes) + " " +
                       std::to_string(began_ns_) + " " + std::string(digest) + "\n",
                   "the image cache");
}

Result<CopiesInProgress> copies_beside(const CopyTurn& turn, int directory_fd,
                                       const std::string& boot_id) {
  CopiesInProgress sum;
  SG_TRY(const auto names, list_names_at(directory_fd));
  for (const std::string& name : names) {
    if (!name.starts_with(kCopyPrefix) || name == turn.name()) continue;
    const UniqueFd fd(::openat(directory_fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    // Nobody's turn: what it says is of a copy that ended, or whose helper was killed.
    if (!fd.valid() || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) continue;
    const auto record = read_record(fd.get(), boot_id);
    if (!record) continue;
    sum.bytes += record->bytes;
    if (record->uid == turn.uid()) sum.bytes_of_user += record->bytes;
  }
  return sum;
}

}  // namespace sifguard
