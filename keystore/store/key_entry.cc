// The directory of one key, as a whole. Runs with the rights of the keystore's owner.
#include "keystore/store/key_entry.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/base/overwrite.h"
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

bool has_file(int directory_fd, const char* name) noexcept {
  struct stat st {};
  return ::fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/// The files of one directory, the private half still closed.
struct Files {
  KeyEntry entry;
  std::string meta;
  SecretBytes envelope;  ///< empty if there is none or it was left alone
};

/// Zeros are what OldPrivateHalf::overwrite() leaves, and nothing else.
Status check_not_overwritten(const SecretBytes& envelope, const std::string& name,
                             const std::string& shown) {
  const auto bytes = envelope.bytes();
  const bool zeros =
      std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  if (!zeros) return {};
  return fail(Code::config, shown + " is overwritten: sifctl key destroy was interrupted",
              "finish it with sifctl key destroy " + name);
}

Status read_private_file(Files& files, int fd, const std::string& shown, PrivateHalf half,
                         Trust trust) {
  const bool plain = !has_file(fd, kPrivate) && has_file(fd, kPlainPrivate);
  if (!plain) {
    SG_TRY(files.envelope, read_store_secret(fd, kPrivate, shown + "/" + kPrivate, kMaxPem, trust));
    return check_not_overwritten(files.envelope, files.entry.record.name, shown + "/" + kPrivate);
  }
  const std::string file = shown + "/" + kPlainPrivate;
  if (half != PrivateHalf::open_or_plain) {
    return fail(Code::config, file + " is not encrypted, as by an older sifguard",
                "encrypt all keys of the keystore with sifctl reseal");
  }
  SG_TRY(files.entry.private_half, read_store_secret(fd, kPlainPrivate, file, kMaxPem, trust));
  return {};
}

Status read_files(Files& files, const std::string& id, int fd, const std::string& shown,
                  PrivateHalf half, Trust trust) {
  KeyEntry& entry = files.entry;
  SG_TRY(files.meta, read_store_file(fd, kMeta, shown + "/" + kMeta, kMaxMeta, trust));
  SG_TRY(entry.record, parse_key_meta(files.meta, id, shown + "/" + kMeta));
  SG_TRY(entry.public_pem, read_store_file(fd, kPublic, shown + "/" + kPublic, kMaxPem, trust));
  if (!entry.record.thumbprint.empty()) {
    SG_TRY(entry.certificate_pem,
           read_store_file(fd, kCertificate, shown + "/" + kCertificate, kMaxPem, trust));
  }
  if (!entry.record.has_private || half == PrivateHalf::leave) return {};
  return read_private_file(files, fd, shown, half, trust);
}

}  // namespace

Result<KeyRecord> read_key_record(const EntryParent& keys, const std::string& id, Trust trust) {
  SG_CHECK(check_id(keys, id));
  KeyRecord record;
  SG_CHECK(read_entry(keys, id, trust, [&](int fd, const std::string& shown) -> Status {
    const std::string file = shown + "/" + kMeta;
    SG_TRY(const std::string text, read_store_file(fd, kMeta, file, kMaxMeta, trust));
    SG_TRY(record, parse_key_meta(text, id, file));
    return {};
  }));
  return record;
}

Result<KeyEntry> read_key_entry(const EntryParent& keys, const std::string& id, PrivateHalf half,
                                StoreKeys& store_keys, Trust trust) {
  SG_CHECK(check_id(keys, id));
  Files files;
  SG_CHECK(read_entry(keys, id, trust, [&](int fd, const std::string& shown) -> Status {
    files = {};
    return read_files(files, id, fd, shown, half, trust);
  }));
  if (!files.envelope.empty()) {
    auto opened = store_keys.open_private(files.envelope.bytes(), files.meta);
    if (!opened) {
      Error error = std::move(opened).error();
      const Code code = error.code() == Code::refused ? Code::config : error.code();
      return fail(code, keys.shown + "/" + id + "/" + kPrivate + ": " + error.what(),
                  error.remedy());
    }
    files.entry.private_half = *std::move(opened);
  }
  return std::move(files.entry);
}

Result<RsaPublicKey> public_half_of(const KeyEntry& entry, const std::string& keys) {
  const std::string& id = entry.record.id;
  const std::string file = keys + "/" + id + "/" + kPublic;
  auto half = RsaPublicKey::from_pem(entry.public_pem);
  if (!half) return fail(Code::config, file + ": " + half.error().what());
  SG_TRY(const std::string own, half->id());
  if (own != id) return fail(Code::config, file + " is another key");
  return half;
}

Status write_key_entry(const EntryParent& keys, const KeyEntry& entry, StoreKeys& store_keys) {
  const KeyRecord& record = entry.record;
  const std::string meta = key_meta(record);
  // What is written must be readable again: a bad fingerprint would lock the keystore up.
  if (const auto again = parse_key_meta(meta, record.id, kMeta); !again) {
    return tl::unexpected(Error(Code::usage, again.error().what()));
  }
  if (record.has_private == entry.private_half.empty()) {
    return fail(Code::internal, "the key's record and its private half contradict each other");
  }
  std::vector<EntryFile> files = {{kMeta, as_bytes(meta), 0600},
                                  {kPublic, as_bytes(entry.public_pem), 0644}};
  std::vector<std::byte> envelope;
  if (record.has_private) {
    SG_TRY(const StoreKey* const key, store_keys.current());
    SG_TRY(envelope, seal_envelope(*key, entry.private_half, meta));
    files.push_back({kPrivate, envelope, 0600});
  }
  if (!entry.certificate_pem.empty()) {
    files.push_back({kCertificate, as_bytes(entry.certificate_pem), 0644});
  }
  return put_entry(keys, record.id, files);
}

Result<OldPrivateHalf> OldPrivateHalf::hold(const EntryParent& keys, const std::string& id,
                                            Which which, Trust trust) {
  OldPrivateHalf old;
  old.shown_ = keys.shown + "/" + id;
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(keys.fd.get(), id, old.shown_, trust));
  if (keys.writes == Writes::withheld) return old;
  for (const char* name : {kPlainPrivate, kPrivate}) {
    if (which == Which::plain && name == kPrivate) continue;
    UniqueFd file(::openat(fd.get(), name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.valid()) {
      old.files_.push_back(std::move(file));
    } else if (errno != ENOENT) {
      return fail_errno(Code::config, "cannot open " + old.shown_ + "/" + name, errno);
    }
  }
  return old;
}

Status OldPrivateHalf::overwrite() {
  for (const UniqueFd& file : files_) SG_CHECK(overwrite_file(file.get(), shown_));
  return {};
}

}  // namespace sifguard
