// The directory of one key, as a whole. Runs with the rights of the keystore's owner.
#include "keystore/store/key_entry.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kIdDigits = 64;

Status check_id(const EntryParent& keys, const std::string& id) {
  if (is_lower_hex(id, kIdDigits)) return {};
  return fail(Code::config, printable(keys.shown + "/" + id) + " is not a key's directory",
              "move it away");
}

Result<KeyRecord> read_record(int fd, const std::string& id, const std::string& shown,
                              Trust trust) {
  const std::string file = shown + "/" + kMeta;
  SG_TRY(const std::string text, read_store_file(fd, kMeta, file, kMaxMeta, trust));
  return parse_key_meta(text, id, file);
}

enum class Halves { both, only_public };

Status read_files(KeyEntry& entry, int fd, const std::string& shown, Halves halves, Trust trust) {
  SG_TRY(entry.public_pem, read_store_file(fd, kPublic, shown + "/" + kPublic, kMaxPem, trust));
  if (entry.record.has_private && halves == Halves::both) {
    SG_TRY(entry.private_pem,
           read_store_secret(fd, kPrivate, shown + "/" + kPrivate, kMaxPem, trust));
  }
  if (!entry.record.thumbprint.empty()) {
    SG_TRY(entry.certificate_pem,
           read_store_file(fd, kCertificate, shown + "/" + kCertificate, kMaxPem, trust));
  }
  return {};
}

Result<KeyEntry> read_halves(const EntryParent& keys, const std::string& id, Halves halves,
                             Trust trust) {
  SG_CHECK(check_id(keys, id));
  KeyEntry entry;
  SG_CHECK(read_entry(keys, id, trust, [&](int fd, const std::string& shown) -> Status {
    entry = {};
    SG_TRY(entry.record, read_record(fd, id, shown, trust));
    return read_files(entry, fd, shown, halves, trust);
  }));
  return entry;
}

/// Fills an open file with zeros, durably.
Status overwrite(int fd, const std::string& shown) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::internal, shown, errno);
  const std::vector<std::byte> zeros(static_cast<std::size_t>(st.st_size));
  SG_CHECK(write_all(fd, zeros, shown));
  if (::fsync(fd) != 0) return fail_errno(Code::temporary, "cannot overwrite " + shown, errno);
  return {};
}

}  // namespace

Result<KeyRecord> read_key_record(const EntryParent& keys, const std::string& id, Trust trust) {
  SG_CHECK(check_id(keys, id));
  KeyRecord record;
  SG_CHECK(read_entry(keys, id, trust, [&](int fd, const std::string& shown) -> Status {
    SG_TRY(record, read_record(fd, id, shown, trust));
    return {};
  }));
  return record;
}

Result<KeyEntry> read_key_entry(const EntryParent& keys, const std::string& id, Trust trust) {
  return read_halves(keys, id, Halves::both, trust);
}

Result<KeyEntry> read_public_entry(const EntryParent& keys, const std::string& id, Trust trust) {
  return read_halves(keys, id, Halves::only_public, trust);
}

Status write_key_entry(const EntryParent& keys, const KeyEntry& entry) {
  const KeyRecord& record = entry.record;
  const std::string meta = key_meta(record);
  // What is written must be readable again: a bad fingerprint would lock the keystore up.
  if (const auto again = parse_key_meta(meta, record.id, kMeta); !again) {
    return tl::unexpected(Error(Code::usage, again.error().what()));
  }
  if (record.has_private == entry.private_pem.empty()) {
    return fail(Code::internal, "the key's record and its private half contradict each other");
  }
  std::vector<EntryFile> files = {{kMeta, as_bytes(meta), 0600},
                                  {kPublic, as_bytes(entry.public_pem), 0644}};
  if (record.has_private) files.push_back({kPrivate, entry.private_pem.bytes(), 0600});
  if (!entry.certificate_pem.empty()) {
    files.push_back({kCertificate, as_bytes(entry.certificate_pem), 0644});
  }
  return put_entry(keys, record.id, files);
}

Status write_without_private(const EntryParent& keys, const KeyEntry& entry, Trust trust) {
  const std::string& id = entry.record.id;
  const std::string shown = keys.shown + "/" + id;
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(keys.fd.get(), id, shown, trust));
  const UniqueFd old(::openat(fd.get(), kPrivate, O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!old.valid() && errno != ENOENT) {
    return fail_errno(Code::config, "cannot open " + shown + "/" + kPrivate, errno);
  }
  SG_CHECK(write_key_entry(keys, entry));
  return old.valid() ? overwrite(old.get(), shown + "/" + kPrivate) : Status{};
}

}  // namespace sifguard
