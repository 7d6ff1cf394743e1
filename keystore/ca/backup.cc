// Backups of a CA. The owner of the keystore, on the CA's host.
#include "keystore/ca/backup.h"

#include <openssl/err.h>

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/x509/chain.h"

namespace sifguard {
namespace {

using nlohmann::ordered_json;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kLabel = "sifguard CA backup 1\n";

Result<std::string> base64(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  if (size < 0) return fail_openssl(Code::internal, "cannot encode a signature");
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Empty when it is malformed.
std::vector<unsigned char> from_base64(const std::string& text) {
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 3);
  int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()));
  ERR_clear_error();
  for (std::size_t i = text.size(); i > 0 && i + 2 > text.size() && text[i - 1] == '='; --i) --size;
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

Result<std::string> sign(EVP_PKEY* key, const std::string& content) {
  const std::string message = std::string(kLabel) + content;
  const auto* const text = octets(as_bytes(message));
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, signature_hash(key), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, text, message.size()) != 1) {
    return fail_openssl(Code::internal, "cannot sign the backup");
  }
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, text, message.size()) != 1) {
    return fail_openssl(Code::internal, "cannot sign the backup");
  }
  return base64(std::span(signature).first(size));
}

bool is_signed(EVP_PKEY* key, const std::string& content, const std::string& signature) {
  const auto bytes = from_base64(signature);
  const std::string message = std::string(kLabel) + content;
  const DigestContext context(EVP_MD_CTX_new());
  const bool good =
      context &&
      EVP_DigestVerifyInit(context.get(), nullptr, signature_hash(key), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), bytes.data(), bytes.size(), octets(as_bytes(message)),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool is_kept(const std::string& name) {
  return name == kRootAuthority || name == kIntermediateAuthority;  // responders are made anew
}

Result<ordered_json> authorities_json(const Keystore& keystore, const SecretBytes& password) {
  auto list = ordered_json::array();
  SG_TRY(const auto names, authority_names(keystore));
  for (const std::string& name : names) {
    if (!is_kept(name)) continue;
    SG_TRY(const Issuer issuer, load_issuer(keystore, name));
    SG_TRY(const std::string certificate, read_authority_certificate(keystore, name));
    SG_TRY(const SecretBytes key, private_key_pem(issuer.key.get(), &password));
    list.push_back({{"name", name},
                    {"certificate", certificate},
                    {"private_key", std::string(as_text(key.bytes()))}});  // encrypted
  }
  return list;
}

struct Saved {
  std::vector<AuthorityEntry> authorities;
  CaIndex index;
  std::vector<std::pair<std::string, std::string>> certificates;  ///< serial, PEM
  std::int64_t made = 0;
};

Result<AuthorityEntry> authority_from(StrictObject& object, const SecretBytes& password) {
  AuthorityEntry entry;
  entry.name = object.string("name");
  entry.certificate_pem = object.string("certificate");
  const std::string sealed = object.string("private_key");
  if (!is_kept(entry.name)) object.reject("not an authority's name");
  SG_CHECK(object.finish());
  SG_TRY(const Certificate certificate, parse_one_certificate(entry.certificate_pem));
  SG_TRY(const SecretBytes pem, SecretBytes::copy_of(as_bytes(sealed)));
  SG_TRY(const Pkey key, read_private_pem(pem, &password));
  const bool fits = EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key.get()) == 1;
  ERR_clear_error();
  if (!fits) return fail(Code::refused, "the key of the " + entry.name + " CA is another's");
  SG_TRY(entry.private_pem, private_key_pem(key.get(), nullptr));
  return entry;
}

Result<Saved> saved_from(const std::string& content, const SecretBytes& password) {
  StrictObject object = StrictObject::parse(content, "the backup", kMaxBackup);
  Saved saved;
  if (object.integer("version") != kVersion) object.reject("unknown version");
  saved.made = object.integer("made");
  auto authorities = object.objects("authorities");
  const std::string index = object.string("index");
  auto certificates = object.objects("certificates");
  SG_CHECK(object.finish());
  for (StrictObject& one : authorities) {
    SG_TRY(AuthorityEntry entry, authority_from(one, password));
    saved.authorities.push_back(std::move(entry));
  }
  SG_TRY(saved.index, parse_ca_index(index, "the backup's index"));
  for (StrictObject& one : certificates) {
    saved.certificates.emplace_back(one.string("serial"), one.string("pem"));
    SG_CHECK(one.finish());
  }
  return saved;
}

const AuthorityEntry* find(const Saved& saved, std::string_view name) {
  for (const AuthorityEntry& entry : saved.authorities) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

/// Whoever made the file had the root's key, which opened with the admin's password.
Result<Saved> open_backup(std::string_view file, const SecretBytes& password) {
  StrictObject object = StrictObject::parse(file, "the backup", kMaxBackup);
  if (object.integer("version") != kVersion) object.reject("unknown version");
  const std::string content = object.string("content");
  const std::string signature = object.string("signature");
  SG_CHECK(object.finish());
  SG_TRY(Saved saved, saved_from(content, password));
  const AuthorityEntry* const root = find(saved, kRootAuthority);
  if (root == nullptr) return fail(Code::refused, "the backup has no root");
  SG_TRY(const Certificate certificate, parse_one_certificate(root->certificate_pem));
  if (!is_signed(X509_get0_pubkey(certificate.get()), content, signature)) {
    return fail(Code::refused, "the backup is damaged: its signature is not the root's");
  }
  return saved;
}

Status check_same_ca(const Keystore& keystore, const Saved& saved) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  if (own.root == find(saved, kRootAuthority)->certificate_pem) return {};
  return fail(Code::usage, "the keystore has another CA", "restore into another keystore");
}

Status write_missing(const Keystore& keystore, const Saved& saved, const CaIndex& index) {
  SG_TRY(const auto names, authority_names(keystore));
  for (const AuthorityEntry& entry : saved.authorities) {
    if (std::find(names.begin(), names.end(), entry.name) != names.end() &&
        read_authority(keystore, entry.name)) {
      continue;
    }
    SG_CHECK(write_authority(keystore, entry));
  }
  for (const auto& [serial, pem] : saved.certificates) {
    if (index.find(serial) == nullptr || read_ca_certificate(keystore, serial)) continue;
    SG_CHECK(write_ca_certificate(keystore, serial, pem));
  }
  return {};
}

}  // namespace

Result<std::string> back_up_ca(const Keystore& keystore, const SecretBytes& password,
                               std::int64_t now) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const CaIndex index, ca_index(keystore));
  auto certificates = ordered_json::array();
  for (const IssuedCertificate& one : index.issued) {
    const auto pem = read_ca_certificate(keystore, one.serial);
    if (pem) certificates.push_back({{"serial", one.serial}, {"pem", *pem}});  // adopted: no file
  }
  SG_TRY(const ordered_json authorities, authorities_json(keystore, password));
  const ordered_json inner = {{"version", kVersion},
                              {"made", now},
                              {"authorities", authorities},
                              {"index", format_ca_index(index)},
                              {"certificates", certificates}};
  const std::string content = inner.dump(0, ' ', true);
  SG_TRY(const Issuer root, load_issuer(keystore, kRootAuthority));
  SG_TRY(const std::string signature, sign(root.key.get(), content));
  const ordered_json all = {{"version", kVersion}, {"content", content}, {"signature", signature}};
  return all.dump(1, ' ', true) + "\n";
}

Result<RestoredCa> restore_ca(const Keystore& keystore, std::string_view file,
                              const SecretBytes& password) {
  auto opened = open_backup(file, password);
  if (!opened) {  // of a file that the admin brought, not of the keystore
    const Error& error = opened.error();
    const Code code = error.code() == Code::config ? Code::refused : error.code();
    return tl::unexpected(Error(code, error.what(), error.remedy()));
  }
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto there, read_ca_index(keystore));
  CaIndex index = opened->index;
  RestoredCa done{there.has_value(), opened->index.issued.size(), 0, opened->made};
  if (there) {
    SG_CHECK(check_same_ca(keystore, *opened));
    SG_TRY(index, parse_ca_index(*there, ca_index_path(keystore)));
    done.changes = merge_ca_index(index, opened->index);
  }
  done.issued = index.issued.size();
  SG_CHECK(write_missing(keystore, *opened, index));
  SG_CHECK(save_ca_index(keystore, index));
  return done;
}

}  // namespace sifguard
