// The files of a certification authority. The owner of the keystore in `sifctl`.
#include "keystore/store/authority_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/store/meta.h"
#include "keystore/store/single_file.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kCa = "ca";
constexpr const char* kAuthorities = "authorities";
constexpr const char* kCertificates = "certificates";
constexpr const char* kHandovers = "handovers";
constexpr const char* kIndex = "index.json";
constexpr const char* kUnfinished = "unfinished";
constexpr std::size_t kMaxSerialDigits = 40;

/// ca/NAME; nullopt when it was never made.
Result<std::optional<EntryParent>> find_in_ca(const Keystore& keystore, const char* name) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const auto ca, find_parent(top, kCa, keystore.trust()));
  if (!ca) return std::nullopt;
  return find_parent(*ca, name, keystore.trust());
}

Result<EntryParent> make_ca(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return make_parent(top, kCa, keystore.trust());
}

Result<EntryParent> make_in_ca(const Keystore& keystore, const char* name) {
  SG_TRY(const EntryParent ca, make_ca(keystore));
  return make_parent(ca, name, keystore.trust());
}

Result<EntryParent> authorities(const Keystore& keystore) {
  SG_TRY(auto found, find_in_ca(keystore, kAuthorities));
  if (!found) return no_ca(keystore);
  return *std::move(found);
}

Status check_name(const std::string& name) {
  if (is_name(name)) return {};
  return fail(Code::config, "not an authority's name: '" + printable(name, 100) + "'");
}

Status check_serial(const std::string& serial) {
  const bool good =
      !serial.empty() && serial.size() <= kMaxSerialDigits && is_lower_hex(serial, serial.size());
  if (good) return {};
  return fail(Code::config, "not a serial number: '" + printable(serial, 100) + "'");
}

/// ca/NAME/SERIAL.
Status write_in_ca(const Keystore& keystore, const char* name, const std::string& serial,
                   std::string_view text) {
  SG_CHECK(check_serial(serial));
  SG_TRY(const EntryParent all, make_in_ca(keystore, name));
  discard_leftover_files(all);
  return put_file(all, serial, text);
}

Status remove_in_ca(const Keystore& keystore, const char* name, const std::string& serial) {
  SG_CHECK(check_serial(serial));
  SG_TRY(const auto found, find_in_ca(keystore, name));
  if (!found) return {};
  if (found->writes == Writes::withheld) return {};
  if (::unlinkat(found->fd.get(), serial.c_str(), 0) != 0 && errno != ENOENT) {
    return fail_errno(Code::config, "cannot remove " + found->shown + "/" + serial, errno);
  }
  return {};
}

/// The error about a file of an authority; of one that is not there, with what to do.
Error damaged_if_lost(const EntryParent& all, const std::string& name, const Error& error) {
  for (const char* file : {kMeta, kCertificate, kPrivate}) {
    const std::string path = name + "/" + file;
    if (::faccessat(all.fd.get(), path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) continue;
    return {Code::config, "the CA is damaged: " + all.shown + "/" + path + " is missing",
            "bring it back from a backup: sifctl ca restore FILE"};
  }
  return error;
}

Result<AuthorityEntry> read_one(const EntryParent& all, const std::string& name,
                                StoreKeys& store_keys, Trust trust) {
  SG_CHECK(check_name(name));
  AuthorityEntry entry;
  entry.name = name;
  std::string meta;
  SecretBytes envelope;
  const Status read = read_entry(all, name, trust, [&](int fd, const std::string& shown) -> Status {
    SG_TRY(entry.certificate_pem,
           read_store_file(fd, kCertificate, shown + "/" + kCertificate, kMaxPem, trust));
    SG_TRY(meta, read_store_file(fd, kMeta, shown + "/" + kMeta, kMaxMeta, trust));
    SG_TRY(envelope, read_store_secret(fd, kPrivate, shown + "/" + kPrivate, kMaxPem, trust));
    return {};
  });
  if (!read) return tl::unexpected(damaged_if_lost(all, name, read.error()));
  SG_TRY(const std::string expected, authority_meta(name, entry.certificate_pem));
  auto opened = store_keys.open_private(envelope.bytes(), meta);
  if (!opened || meta != expected) {
    const bool foreign = opened || opened.error().code() == Code::refused;
    const Error error = opened ? Error(Code::config, {}) : opened.error();
    return fail(foreign ? Code::config : error.code(),
                all.shown + "/" + name + "/" + kPrivate + ": " +
                    (foreign ? "it does not belong to the certificate beside it, or is damaged"
                             : error.what()),
                foreign ? "restore both: sifctl ca restore" : error.remedy());
  }
  entry.private_key = *std::move(opened);
  return entry;
}

Status write_one(const EntryParent& all, const AuthorityEntry& entry, StoreKeys& store_keys) {
  SG_CHECK(check_name(entry.name));
  SG_TRY(const StoreKey* const key, store_keys.current());
  SG_TRY(const std::string meta, authority_meta(entry.name, entry.certificate_pem));
  SG_TRY(const auto envelope, seal_envelope(*key, entry.private_key, meta));
  return put_entry(all, entry.name,
                   {{kMeta, as_bytes(meta), 0600},
                    {kCertificate, as_bytes(entry.certificate_pem), 0644},
                    {kPrivate, envelope, 0600}});
}

/// Moves what is in the keystore beside it, to KEYSTORE.WHAT-TIME: it is never deleted. Gives its
/// path.
Result<std::string> set_aside(const Keystore& keystore, const EntryParent& parent,
                              const std::string& name, const std::string& what) {
  constexpr int kMaxTries = 100;
  SG_TRY(const StorePlace place, locate_store(keystore.directory(), keystore.trust()));
  const int above = place.parent.fd.get();
  std::string time = format_utc(::time(nullptr));
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const std::string kept = place.name + "." + what + "-" + time;
  std::string target;
  int problem = EEXIST;
  for (int i = 1; i <= kMaxTries && problem == EEXIST; ++i) {
    target = i == 1 ? kept : kept + "-" + std::to_string(i);
    problem =
        ::renameat2(parent.fd.get(), name.c_str(), above, target.c_str(), RENAME_NOREPLACE) == 0
            ? 0
            : errno;
  }
  if (problem != 0) {
    return fail_errno(Code::config, "cannot move aside " + parent.shown + "/" + name, problem,
                      "move it away by hand");
  }
  SG_CHECK(sync_change(above, keystore.directory()));
  SG_CHECK(sync_change(parent.fd.get(), parent.shown));
  return place.path_of(target);
}

}  // namespace

Result<std::string> authority_meta(const std::string& name, const std::string& certificate) {
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(certificate)));
  return "{\"authority\": \"" + name + "\", \"certificate\": \"" + to_hex(digest) + "\"}\n";
}

Result<std::vector<std::string>> authority_names(const Keystore& keystore) {
  SG_TRY(const auto found, find_in_ca(keystore, kAuthorities));
  if (!found) return std::vector<std::string>();
  return list_entries(*found);
}

Result<AuthorityEntry> read_authority(const Keystore& keystore, const std::string& name) {
  SG_TRY(const EntryParent all, authorities(keystore));
  StoreKeys store_keys(keystore.seal_place());
  return read_one(all, name, store_keys, keystore.trust());
}

Result<std::string> read_authority_certificate(const Keystore& keystore, const std::string& name) {
  SG_CHECK(check_name(name));
  SG_TRY(const EntryParent all, authorities(keystore));
  std::string text;
  const auto take = [&](int fd, const std::string& shown) -> Status {
    SG_TRY(text, read_store_file(fd, kCertificate, shown + "/" + kCertificate, kMaxPem,
                                 keystore.trust()));
    return {};
  };
  const Status read = read_entry(all, name, keystore.trust(), take);
  if (!read) return tl::unexpected(damaged_if_lost(all, name, read.error()));
  return text;
}

Status write_authority(const Keystore& keystore, const AuthorityEntry& entry) {
  SG_TRY(const EntryParent all, make_in_ca(keystore, kAuthorities));
  StoreKeys store_keys(keystore.seal_place());
  return write_one(all, entry, store_keys);
}

Result<CaPlace> ca_place(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  if (!has_entry(top, kCa)) return CaPlace::free;
  SG_TRY(const EntryParent ca, open_parent(top, kCa, keystore.trust()));
  if (has_entry(ca, kIndex)) return CaPlace::whole;
  if (has_entry(ca, kUnfinished)) return CaPlace::unfinished;
  for (const char* name : {kAuthorities, kCertificates}) {
    if (!has_entry(ca, name)) continue;
    SG_TRY(const EntryParent inner, open_parent(ca, name, keystore.trust()));
    SG_TRY(const auto names, list_entries(inner));
    if (!names.empty()) return CaPlace::damaged;
  }
  return CaPlace::free;
}

tl::unexpected<Error> no_ca(const Keystore& keystore) {
  const auto place = ca_place(keystore);
  if (!place) return tl::unexpected(place.error());
  const std::string ca = keystore.directory() + "/" + kCa;
  switch (*place) {
    case CaPlace::whole:
      return fail(Code::config, "the CA is damaged: its root is missing in " + ca,
                  "bring it back from a backup: sifctl ca restore FILE");
    case CaPlace::damaged:
      return fail(Code::config,
                  "the CA is damaged: " + ca + " has keys or certificates, but no " + kIndex,
                  "bring it back from a backup: sifctl ca restore FILE, or move " + ca + " away");
    case CaPlace::unfinished:
      return fail(Code::config, "the keystore has no CA: an init or a restore did not finish",
                  "repeat it: sifctl ca init, or sifctl ca restore FILE");
    case CaPlace::free:
      break;
  }
  return fail(Code::config, "the keystore has no CA", "make one with sifctl ca init");
}

namespace {

/// Neither keys nor certificates.
Result<bool> has_nothing(const Keystore& keystore) {
  for (const char* name : {kAuthorities, kCertificates}) {
    SG_TRY(const auto found, find_in_ca(keystore, name));
    if (!found) continue;
    SG_TRY(const auto names, list_entries(*found));
    if (!names.empty()) return false;
  }
  return true;
}

}  // namespace

Status begin_ca(const Keystore& keystore) {
  SG_TRY(const CaPlace place, ca_place(keystore));
  if (place == CaPlace::damaged || place == CaPlace::whole) return no_ca(keystore);
  SG_TRY(const bool nothing, has_nothing(keystore));
  if (place == CaPlace::unfinished && !nothing) {
    SG_TRY(const EntryParent top, keystore.top());
    SG_TRY(const std::string kept, set_aside(keystore, top, kCa, "unfinished-ca"));
  }
  SG_TRY(const EntryParent ca, make_ca(keystore));
  return put_file(ca, kUnfinished, "until index.json is there\n");
}

Status set_authority_aside(const Keystore& keystore, const std::string& name) {
  SG_CHECK(check_name(name));
  SG_TRY(const EntryParent all, authorities(keystore));
  SG_TRY(const std::string kept, set_aside(keystore, all, name, "damaged-" + name));
  return {};
}

Result<std::string> set_ca_index_aside(const Keystore& keystore) {
  SG_TRY(const EntryParent ca, make_ca(keystore));
  return set_aside(keystore, ca, kIndex, "damaged-ca-index");
}

std::string ca_index_path(const Keystore& keystore) {
  return keystore.directory() + "/" + kCa + "/" + kIndex;
}

Result<std::optional<std::string>> read_ca_index(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const auto ca, find_parent(top, kCa, keystore.trust()));
  if (!ca) return std::nullopt;
  return find_file(*ca, kIndex, kMaxCaIndex, keystore.trust());
}

Status write_ca_index(const Keystore& keystore, std::string_view text) {
  if (text.size() > kMaxCaIndex) {
    return fail(Code::wrong_state, "the index of the CA would be too large", "sifctl ca expire");
  }
  SG_TRY(const EntryParent ca, make_ca(keystore));
  discard_leftover_files(ca);
  SG_CHECK(put_file(ca, kIndex, text));
  // Beside an index it says nothing any more.
  if (ca.writes == Writes::made) ::unlinkat(ca.fd.get(), kUnfinished, 0);
  return {};
}

Result<std::string> read_ca_certificate(const Keystore& keystore, const std::string& serial) {
  SG_CHECK(check_serial(serial));
  SG_TRY(const auto found, find_in_ca(keystore, kCertificates));
  if (!found) return fail(Code::config, "the CA has issued nothing");
  return read_store_file(found->fd.get(), serial, found->shown + "/" + serial, kMaxPem,
                         keystore.trust());
}

bool has_ca_certificate(const Keystore& keystore, const std::string& serial) noexcept {
  const auto found = find_in_ca(keystore, kCertificates);
  return found && *found && check_serial(serial) && has_entry(**found, serial);
}

Status write_ca_certificate(const Keystore& keystore, const std::string& serial,
                            std::string_view pem) {
  return write_in_ca(keystore, kCertificates, serial, pem);
}

Status remove_ca_certificate(const Keystore& keystore, const std::string& serial) {
  return remove_in_ca(keystore, kCertificates, serial);
}

Result<std::vector<std::string>> handover_serials(const Keystore& keystore) {
  SG_TRY(const auto found, find_in_ca(keystore, kHandovers));
  if (!found) return std::vector<std::string>();
  return list_entries(*found);
}

Result<std::string> read_handover(const Keystore& keystore, const std::string& serial) {
  SG_CHECK(check_serial(serial));
  SG_TRY(const auto found, find_in_ca(keystore, kHandovers));
  if (!found) return fail(Code::config, "the CA hands nothing over");
  return read_store_file(found->fd.get(), serial, found->shown + "/" + serial, kMaxPem,
                         keystore.trust());
}

Status write_handover(const Keystore& keystore, const std::string& serial, std::string_view text) {
  return write_in_ca(keystore, kHandovers, serial, text);
}

Status remove_handover(const Keystore& keystore, const std::string& serial) {
  return remove_in_ca(keystore, kHandovers, serial);
}

Status check_authorities(const Keystore& keystore, StoreKeys& store_keys) {
  SG_TRY(const auto names, authority_names(keystore));
  for (const std::string& name : names) {
    SG_TRY(const EntryParent all, authorities(keystore));
    SG_TRY(const AuthorityEntry readable, read_one(all, name, store_keys, keystore.trust()));
  }
  return {};
}

Result<std::size_t> reseal_authorities(const Keystore& keystore, StoreKeys& store_keys) {
  SG_TRY(const auto names, authority_names(keystore));
  for (const std::string& name : names) {
    SG_TRY(const EntryParent all, authorities(keystore));
    SG_TRY(const AuthorityEntry entry, read_one(all, name, store_keys, keystore.trust()));
    SG_CHECK(write_one(all, entry, store_keys));
  }
  return names.size();
}

}  // namespace sifguard
