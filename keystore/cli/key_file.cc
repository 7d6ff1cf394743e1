// Opening a key file that the admin brings. Runs with the rights of the admin.
#include "keystore/cli/key_file.h"

#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/crypto/pfx.h"

namespace sifguard {
namespace {

bool has_text(const SecretBytes& data, std::string_view text) noexcept {
  return as_text(data.bytes()).find(text) != std::string_view::npos;
}

bool is_pem(const SecretBytes& data) noexcept {
  return has_text(data, "-----BEGIN ");
}

bool fits(const X509& certificate, const KeyFile& key) {
  if (key.private_key) return certificate_fits(certificate, key.private_key->pkey());
  const auto held = RsaPublicKey::from_pkey(X509_get0_pubkey(&certificate));
  const auto theirs = held ? held->id() : std::string();
  const auto ours = key.public_key->id();
  return theirs && ours && *theirs == *ours;
}

/// Takes the certificate of the key out of these.
Status pick(KeyFile& key, std::vector<Certificate> all) {
  for (auto& certificate : all) {
    if (!fits(*certificate, key)) continue;
    key.certificate = std::move(certificate);
    return {};
  }
  return fail(Code::refused, key.private_key ? "the certificate is not of the private key"
                                             : "the certificate is not of the key");
}

Result<KeyFile> open_pem(const SecretBytes& data, const SecretBytes* password) {
  SG_TRY(RsaPrivateKey opened, RsaPrivateKey::from_pem(data, password));
  KeyFile key;
  key.private_key.emplace(std::move(opened));
  if (has_text(data, "-----BEGIN CERTIFICATE-----")) SG_CHECK(add_certificate(key, data));
  return key;
}

Result<KeyFile> open_any(const SecretBytes& data, const SecretBytes* password) {
  if (is_pem(data)) return open_pem(data, password);
  if (!looks_like_der(data.bytes()) || password == nullptr) {
    return fail(Code::refused, "neither a PEM nor a PFX file", "give a .pfx, .p12 or .pem file");
  }
  SG_TRY(Pfx pfx, read_pfx(data.bytes(), *password));
  KeyFile key;
  key.private_key.emplace(std::move(pfx.key));
  key.certificate = std::move(pfx.certificate);
  return key;
}

}  // namespace

bool wants_password(const SecretBytes& data) noexcept {
  if (is_pem(data)) return has_text(data, "ENCRYPTED");
  const FileKind kind = file_kind(as_text(data.bytes()));
  return looks_like_der(data.bytes()) && (kind == FileKind::pkcs12 || kind == FileKind::unknown);
}

Result<KeyFile> open_private_file(const SecretBytes& data, const SecretBytes* password) {
  SG_TRY(KeyFile key, open_any(data, password));
  SG_CHECK(key.private_key->check());
  return key;
}

Result<KeyFile> open_public_file(const SecretBytes& data) {
  if (has_text(data, "PRIVATE KEY-----")) {
    return fail(Code::refused, "the file holds a private key",
                "import it without --public, or give its public half");
  }
  const FileKind kind = file_kind(as_text(data.bytes()));
  if (kind == FileKind::private_key || kind == FileKind::encrypted_key) {  // in DER
    return fail(Code::refused, "the file holds a private key", "give its public half");
  }
  KeyFile key;
  const std::string text = pem_form(std::string(as_text(data.bytes())));
  if (text.find("PUBLIC KEY-----") != std::string::npos) {
    SG_TRY(key.public_key, RsaPublicKey::from_pem(text));
    return key;
  }
  SG_TRY(auto all, parse_certificates(text));
  if (all.size() != 1) {
    return fail(Code::refused, "the file holds " + std::to_string(all.size()) + " certificates",
                "give the one of the key alone");
  }
  SG_TRY(key.public_key, RsaPublicKey::from_pkey(X509_get0_pubkey(all.front().get())));
  key.certificate = std::move(all.front());
  return key;
}

Status add_certificate(KeyFile& key, const SecretBytes& data) {
  SG_TRY(auto all, parse_certificates(plain_text(std::string(as_text(data.bytes())))));
  return pick(key, std::move(all));
}

}  // namespace sifguard
