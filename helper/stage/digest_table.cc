// What digest a file had, for one boot: a table of fixed size. Root.
#include "helper/stage/digest_table.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr Sha256Digest kNone{};

Result<Sha256Digest> digest_from(const std::string& text) {
  Sha256Digest digest{};
  if (text.empty()) return digest;
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != digest.size()) return fail(Code::internal, "no digest: " + text);
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

}  // namespace

Result<DigestTable> DigestTable::open(int directory_fd, const std::string& name,
                                      std::string boot_id, const std::string& shown) {
  static_assert(sizeof(Record) == 128);
  DigestTable table;
  table.fd_ = UniqueFd(::openat(directory_fd, name.c_str(),
                                O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  struct stat st {};
  if (!table.fd_.valid() || ::fstat(table.fd_.get(), &st) != 0) {
    return fail_errno(Code::config, "cannot open " + shown, errno);
  }
  if (!S_ISREG(st.st_mode)) return fail(Code::config, shown + " is not a regular file");
  const auto size = static_cast<off_t>(kSets * sizeof(Set));
  if (st.st_size < size && ::ftruncate(table.fd_.get(), size) != 0) {
    return fail_errno(Code::temporary, "cannot make " + shown, errno);
  }
  table.boot_id_ = std::move(boot_id);
  table.shown_ = shown;
  return table;
}

Result<DigestTable> DigestTable::again() const {
  DigestTable table;
  table.fd_ = UniqueFd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!table.fd_.valid()) return fail_errno(Code::temporary, "cannot open " + shown_, errno);
  table.boot_id_ = boot_id_;
  table.shown_ = shown_;
  return table;
}

Result<std::array<std::byte, 16>> DigestTable::check_of(const Record& record) const {
  Sha256 hash;
  hash.update(as_bytes(boot_id_));
  hash.update(std::as_bytes(std::span(&record, 1)).subspan(sizeof record.check));
  SG_TRY(const Sha256Digest digest, hash.finish());
  std::array<std::byte, 16> check{};
  std::copy_n(digest.begin(), check.size(), check.begin());
  return check;
}

bool DigestTable::is_valid(const Record& record) const {
  if (record.place == kNone) return false;
  const auto check = check_of(record);
  return check && *check == record.check;
}

Result<DigestTable::Set> DigestTable::read_set(std::size_t number) const {
  Set set;
  SG_CHECK(
      pread_exact(fd_.get(), std::as_writable_bytes(std::span(set)), number * sizeof set, shown_));
  return set;
}

namespace {

std::size_t set_of(const Sha256Digest& place, std::size_t sets) noexcept {
  std::uint32_t number = 0;
  std::memcpy(&number, place.data(), sizeof number);
  return number % sets;
}

}  // namespace

std::optional<DigestTable::Found> DigestTable::find(const Key& key) const {
  const auto place = sha256(as_bytes(key.place));
  const auto state = sha256(as_bytes(key.state));
  if (!place || !state) return std::nullopt;
  const auto set = read_set(set_of(*place, kSets));
  if (!set) return std::nullopt;
  for (const Record& record : *set) {
    if (record.place != *place || record.state != *state || !is_valid(record)) continue;
    if (record.digest == kNone) return std::nullopt;
    return Found{to_hex(record.digest), record.stamp};
  }
  return std::nullopt;
}

/// Its own place, else a free one, else the oldest of the user who has the most.
std::size_t DigestTable::way_for(const Set& set, const Record& record) const {
  std::map<std::uint32_t, std::size_t> owned;
  std::optional<std::size_t> unused;
  for (std::size_t way = 0; way < kWays; ++way) {
    const bool valid = is_valid(set[way]);
    if (valid && set[way].place == record.place) return way;
    if (valid) ++owned[set[way].uid];
    if (!valid && !unused) unused = way;
  }
  if (unused) return *unused;
  const std::size_t most =
      std::max_element(owned.begin(), owned.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      })->second;
  const bool own = owned.contains(record.uid) && owned[record.uid] == most;
  std::optional<std::size_t> oldest;
  for (std::size_t way = 0; way < kWays; ++way) {
    const bool may_go = own ? set[way].uid == record.uid : owned[set[way].uid] == most;
    if (may_go && (!oldest || set[way].stamp < set[*oldest].stamp)) oldest = way;
  }
  return *oldest;
}

Status DigestTable::put(const Key& key, const std::string& digest, std::uint32_t uid,
                        std::int64_t stamp) const {
  Record record;
  SG_TRY(record.place, sha256(as_bytes(key.place)));
  SG_TRY(record.state, sha256(as_bytes(key.state)));
  SG_TRY(record.digest, digest_from(digest));
  record.stamp = stamp;
  record.uid = uid;
  SG_TRY(record.check, check_of(record));
  const std::size_t number = set_of(record.place, kSets);
  SG_TRY(const Set set, read_set(number));
  return write(number, way_for(set, record), record);
}

Status DigestTable::keep(const std::function<bool(const std::string& digest)>& wanted) const {
  for (std::size_t number = 0; number < kSets; ++number) {
    SG_TRY(const Set set, read_set(number));
    for (std::size_t way = 0; way < kWays; ++way) {
      if (set[way].place == kNone) continue;
      if (is_valid(set[way]) && wanted(to_hex(set[way].digest))) continue;
      SG_CHECK(write(number, way, Record{}));
    }
  }
  return {};
}

Status DigestTable::write(std::size_t set, std::size_t way, const Record& record) const {
  const auto at = static_cast<off_t>(set * sizeof(Set) + way * sizeof record);
  ssize_t done = 0;
  do {
    done = ::pwrite(fd_.get(), &record, sizeof record, at);
  } while (done < 0 && errno == EINTR);
  if (done == static_cast<ssize_t>(sizeof record)) return {};
  return fail_errno(Code::temporary, "cannot write " + shown_, done < 0 ? errno : ENOSPC);
}

}  // namespace sifguard
