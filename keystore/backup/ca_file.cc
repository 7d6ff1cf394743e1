// The CA in a backup. Pure but for what keys and tokens compute.
#include "keystore/backup/ca_file.h"

#include <algorithm>
#include <optional>

#include "keystore/backup/older_backup.h"
#include "keystore/backup/password_file.h"
#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/ca/authority.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/store/envelope.h"
#include "keystore/store/store_files.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

constexpr std::int64_t kSigned = 1;
constexpr std::int64_t kSealed = 2;
constexpr std::string_view kLabel = "sifguard CA backup 1\n";
constexpr std::string_view kSealedMagic = "SGBAK";
constexpr std::string_view kCaUnfinished = "ca/unfinished";

std::string beside(const AuthorityEntry& entry) {
  return entry.name + "\n" + entry.certificate_pem;
}

/// What a file says, its keys not opened yet.
struct Parsed {
  SavedCa saved;
  std::vector<std::string> keys;  ///< of the authorities, in their order; sealed
  bool has_uris = false;          ///< a key may be a token's URI
};

bool is_kept(const std::string& name) {
  return name == kRootAuthority || name == kIntermediateAuthority;  // responders are made anew
}

Result<Parsed> parse_content(std::string_view content, std::int64_t version) {
  StrictObject object = StrictObject::parse(content, "the backup", {.max_bytes = kMaxBackupFile});
  Parsed parsed;
  (void)read_version(object, version, version);
  parsed.saved.made = object.integer("made");
  auto authorities = object.objects("authorities");
  const std::string index = object.string("index");
  auto certificates = object.objects("certificates");
  SG_CHECK(object.finish());
  for (StrictObject& one : authorities) {
    AuthorityEntry entry;
    entry.name = one.string("name");
    entry.certificate_pem = one.string("certificate");
    parsed.keys.push_back(one.string("private_key"));
    if (!is_kept(entry.name) || parsed.saved.find(entry.name) != nullptr) {
      one.reject("not an authority's name");
    }
    SG_CHECK(one.finish());
    parsed.saved.authorities.push_back(std::move(entry));
  }
  SG_TRY(parsed.saved.index, parse_ca_index(index, "the backup's index"));
  for (StrictObject& one : certificates) {
    parsed.saved.certificates.emplace_back(one.string("serial"), one.string("pem"));
    SG_CHECK(one.finish());
  }
  return parsed;
}

Status read_authority_in(const Archive& archive, const char* name, Parsed& parsed) {
  const std::string above = std::string(kCaAuthorities) + name + "/";
  const ArchiveFile* const certificate = archive.find(above + kCertificate);
  const ArchiveFile* const key = archive.find(above + kPrivate);
  if (certificate == nullptr && key == nullptr) return {};
  if (certificate == nullptr || key == nullptr) {
    return fail(Code::refused, "the CA in the backup is damaged: half of " + above);
  }
  parsed.saved.authorities.push_back({name, std::string(as_text(certificate->content)), {}});
  parsed.keys.emplace_back(as_text(key->content));
  return {};
}

/// nullopt where the keystore had no CA, or one whose init did not finish.
Result<std::optional<Parsed>> parse_archive(const Archive& archive) {
  Parsed parsed;
  parsed.saved.made = archive.created;
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    SG_CHECK(read_authority_in(archive, name, parsed));
  }
  for (const ArchiveFile& file : archive.files) {
    if (!file.name.starts_with(kCaCertificates)) continue;
    parsed.saved.certificates.emplace_back(file.name.substr(kCaCertificates.size()),
                                           as_text(file.content));
  }
  const ArchiveFile* const index = archive.find(kCaIndexFile);
  if (index == nullptr) {
    const bool nothing = parsed.keys.empty() && parsed.saved.certificates.empty();
    if (nothing || archive.find(kCaUnfinished) != nullptr) return std::nullopt;
    return fail(Code::refused, "the CA in the backup is damaged: it has no index");
  }
  SG_TRY(parsed.saved.index, parse_ca_index(as_text(index->content), "the backup's index"));
  return parsed;
}

Result<SeenRoot> root_of(SavedCa& saved, bool under_password) {
  const AuthorityEntry* const root = saved.find(kRootAuthority);
  if (root == nullptr) return fail(Code::refused, "the backup has no root");
  SG_TRY(const auto certificates, read_ca_certificates(root->certificate_pem, true));
  if (certificates.size() != 1) return fail(Code::refused, "the backup has several roots");
  const TrustFile& one = certificates.front();
  return SeenRoot{root->certificate_pem, one.subject, one.name, saved.made, under_password};
}

/// Opens the keys by `open`, each of which must be its certificate's.
Result<SavedCa> with_keys(
    Parsed parsed,
    const std::function<Result<SecretBytes>(const AuthorityEntry&, const std::string&)>& open) {
  for (std::size_t i = 0; i < parsed.keys.size(); ++i) {
    AuthorityEntry& entry = parsed.saved.authorities[i];
    SG_TRY(const Certificate certificate, parse_one_certificate(entry.certificate_pem));
    if (parsed.keys[i].empty()) continue;
    SG_TRY(entry.private_key, open(entry, parsed.keys[i]));
    SG_TRY(const CaKey fits, CaKey::open(entry.private_key, certificate.get()));
    if (!fits.token_uri().empty() && !parsed.has_uris) {
      return fail(Code::refused, "the backup has no key, but a URI");
    }
  }
  return std::move(parsed.saved);
}

Result<SavedCa> with_keys_of(Parsed parsed, const StoreKey& key) {
  parsed.has_uris = true;
  return with_keys(
      std::move(parsed),
      [&](const AuthorityEntry& entry, const std::string& sealed) -> Result<SecretBytes> {
        SG_TRY(const std::string meta, authority_meta(entry.name, entry.certificate_pem));
        return open_envelope(key, as_bytes(sealed), meta);
      });
}

Result<SavedCa> open_archive(const SealedContent& content, const StoreKey& key,
                             const CheckRoot& check) {
  SG_TRY(Archive archive, decode_archive(content.body, "the backup"));
  SG_CHECK(use_newer_names(archive));
  SG_TRY(auto parsed, parse_archive(archive));
  if (!parsed) return fail(Code::refused, "the keystore of this backup had no CA");
  SG_TRY(const SeenRoot root, root_of(parsed->saved, true));
  SG_CHECK(check(root));
  return with_keys_of(*std::move(parsed), key);
}

Result<SavedCa> open_sealed(std::string_view file, const AskPassword& ask, const CheckRoot& check) {
  SG_TRY(const SecretBytes password, ask());
  SG_TRY(SealedContent content, open_sealed_file(password, as_bytes(file)));
  StoreKey key;
  SG_TRY(key.id, store_key_id(content.secret));
  key.secret = std::move(content.secret);
  if (is_archive(content.body)) return open_archive(content, key, check);
  SG_TRY(Parsed parsed, parse_content(as_text(content.body), kSealed));
  SG_TRY(const SeenRoot root, root_of(parsed.saved, true));
  SG_CHECK(check(root));
  return with_keys(std::move(parsed), [&](const AuthorityEntry& entry, const std::string& sealed) {
    return open_envelope(key, as_bytes(from_base64(sealed).value_or("")), beside(entry));
  });
}

/// Of format 1: PKCS#8 under a password. One that is not encrypted proves nothing, and is refused.
Result<SecretBytes> open_pkcs8(const std::string& sealed, const SecretBytes& password) {
  SG_TRY(const SecretBytes pem, SecretBytes::copy_of(as_bytes(sealed)));
  SG_TRY(Pkey key, read_private_pem(pem, &password));
  return CaKey(std::move(key)).stored();
}

Result<SavedCa> open_signed(std::string_view file, const AskPassword& ask, const CheckRoot& check) {
  StrictObject object = StrictObject::parse(file, "the backup", {.max_bytes = kMaxBackupFile});
  (void)read_version(object, kSigned, kSigned);
  const std::string content = object.string("content");
  const auto signature = from_base64(object.string("signature"));
  SG_CHECK(object.finish());
  SG_TRY(Parsed parsed, parse_content(content, kSigned));
  SG_TRY(const SeenRoot root, root_of(parsed.saved, false));
  SG_TRY(const Certificate certificate, parse_one_certificate(root.pem));
  if (!is_signed(X509_get0_pubkey(certificate.get()), std::string(kLabel) + content,
                 signature.value_or(""))) {
    return fail(Code::refused, "the backup is damaged: its signature is not the root's");
  }
  SG_CHECK(check(root));
  std::optional<SecretBytes> password;
  return with_keys(std::move(parsed),
                   [&](const AuthorityEntry&, const std::string& sealed) -> Result<SecretBytes> {
                     if (!password) {
                       SG_TRY(password, ask());
                     }
                     return open_pkcs8(sealed, *password);
                   });
}

}  // namespace

AuthorityEntry* SavedCa::find(std::string_view name) noexcept {
  const auto at = std::find_if(authorities.begin(), authorities.end(),
                               [&](const AuthorityEntry& one) { return one.name == name; });
  return at == authorities.end() ? nullptr : &*at;
}

Result<std::optional<SeenRoot>> root_in(const Archive& archive) {
  SG_TRY(auto parsed, parse_archive(archive));
  if (!parsed) return std::nullopt;
  SG_TRY(SeenRoot root, root_of(parsed->saved, true));
  return std::optional(std::move(root));
}

Status check_ca_in(const Backup& backup) {
  SG_TRY(auto parsed, parse_archive(backup.archive));
  if (!parsed) return {};
  SG_TRY(const SeenRoot root, root_of(parsed->saved, true));
  SG_TRY(const SavedCa opens, with_keys_of(*std::move(parsed), backup.key));
  return {};
}

Result<SavedCa> open_ca_file(std::string_view file, const AskPassword& ask,
                             const CheckRoot& check) {
  return file.starts_with(kSealedMagic) ? open_sealed(file, ask, check)
                                        : open_signed(file, ask, check);
}

}  // namespace sifguard
