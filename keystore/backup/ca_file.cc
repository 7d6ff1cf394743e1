// A CA in one file. Pure but for what keys and tokens compute.
#include "keystore/backup/ca_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/backup/sealed_file.h"
#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/base/strict_json.h"
#include "keystore/ca/authority.h"
#include "keystore/crypto/aead.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/store/envelope.h"
#include "keystore/x509/chain.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kSigned = 1;
constexpr std::int64_t kSealed = 2;
constexpr std::string_view kLabel = "sifguard CA backup 1\n";
constexpr std::string_view kSealedMagic = "SGBAK";
constexpr std::string_view kKeystoreMagic = "SGARCH";

std::string beside(const AuthorityEntry& entry) {
  return entry.name + "\n" + entry.certificate_pem;
}

/// Of a key that is not in a token: base64 of an envelope.
Result<std::string> sealed_key(const AuthorityEntry& entry, const StoreKey& key) {
  if (entry.private_key.empty()) return std::string();
  SG_TRY(const auto envelope, seal_envelope(key, entry.private_key, beside(entry)));
  return to_base64(envelope);
}

/// `key`: nullptr where there are none to seal.
Result<std::string> content_of(const SavedCa& saved, std::int64_t version, const StoreKey* key) {
  auto authorities = ordered_json::array();
  for (const AuthorityEntry& one : saved.authorities) {
    SG_TRY(const std::string sealed,
           key == nullptr ? Result<std::string>(std::string()) : sealed_key(one, *key));
    authorities.push_back(
        {{"name", one.name}, {"certificate", one.certificate_pem}, {"private_key", sealed}});
  }
  auto certificates = ordered_json::array();
  for (const auto& [serial, pem] : saved.certificates) {
    certificates.push_back({{"serial", serial}, {"pem", pem}});
  }
  const ordered_json all = {{"version", version},
                            {"made", saved.made},
                            {"authorities", authorities},
                            {"index", format_ca_index(saved.index)},
                            {"certificates", certificates}};
  return all.dump(0, ' ', true);
}

/// What a file says, its keys not opened yet.
struct Parsed {
  SavedCa saved;
  std::vector<std::string> keys;  ///< of the authorities, in their order
};

bool is_kept(const std::string& name) {
  return name == kRootAuthority || name == kIntermediateAuthority;  // responders are made anew
}

Result<Parsed> parse_content(std::string_view content, std::int64_t version) {
  StrictObject object = StrictObject::parse(content, "the backup", {.max_bytes = kMaxCaBackup});
  Parsed parsed;
  if (object.integer("version") != version) object.reject("unknown version");
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
    if (!fits.token_uri().empty()) return fail(Code::refused, "the backup has no key, but a URI");
  }
  return std::move(parsed.saved);
}

Result<SavedCa> open_sealed(std::string_view file, const AskPassword& ask, const CheckRoot& check) {
  SG_TRY(const SecretBytes password, ask());
  SG_TRY(SealedContent content, open_sealed_file(password, as_bytes(file)));
  if (as_text(content.body).starts_with(kKeystoreMagic)) {
    return fail(Code::refused, "the file is a backup of a whole keystore, not of a CA",
                "sifctl restore takes it");
  }
  SG_TRY(Parsed parsed, parse_content(as_text(content.body), kSealed));
  SG_TRY(const SeenRoot root, root_of(parsed.saved, true));
  SG_CHECK(check(root));
  StoreKey key;
  SG_TRY(key.id, store_key_id(content.secret));
  key.secret = std::move(content.secret);
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
  StrictObject object = StrictObject::parse(file, "the backup", {.max_bytes = kMaxCaBackup});
  if (object.integer("version") != kSigned) object.reject("unknown version");
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

Result<std::string> seal_ca(const SavedCa& saved, const SecretBytes& password) {
  StoreKey key;
  SG_TRY(key.secret, random_secret(kSealedSecretBytes));
  SG_TRY(key.id, store_key_id(key.secret));
  SG_TRY(const std::string content, content_of(saved, kSealed, &key));
  SG_TRY(const auto file, seal_file(password, key.secret, as_bytes(content)));
  return std::string(as_text(file));
}

Result<std::string> sign_ca(const SavedCa& saved, const CaKey& root) {
  SG_TRY(const std::string content, content_of(saved, kSigned, nullptr));
  SG_TRY(const std::string bytes, root.sign(std::string(kLabel) + content));
  const std::string signature = to_base64(as_bytes(bytes));
  const ordered_json all = {{"version", kSigned}, {"content", content}, {"signature", signature}};
  return all.dump(1, ' ', true) + "\n";
}

Result<SavedCa> open_ca_file(std::string_view file, const AskPassword& ask,
                             const CheckRoot& check) {
  return file.starts_with(kSealedMagic) ? open_sealed(file, ask, check)
                                        : open_signed(file, ask, check);
}

}  // namespace sifguard
