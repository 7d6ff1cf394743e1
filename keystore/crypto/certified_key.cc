// Keys with self-signed certificates, of cms.h. Any privilege.
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>

#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/cms.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/rsa_bits.h"

namespace sifguard {
namespace {

constexpr int kRsaBits = 3072;

Status check_key(const EVP_PKEY* key) {
  if (key == nullptr) return fail_openssl(Code::refused, "its key cannot be read");
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    if (EVP_PKEY_get_bits(key) >= kMinRsaBits) return check_exponent(key);
    return fail(Code::refused, "its RSA key has fewer than 2048 bits");
  }
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) {
    ERR_clear_error();
    return fail(Code::refused, "its key is neither RSA nor EC");
  }
  const std::string_view name(group.data(), size);
  if (name == "prime256v1" || name == "secp384r1" || name == "secp521r1") return {};
  return fail(Code::refused, "its key is on the curve " + printable(name),
              "use P-256, P-384 or P-521");
}

const char* usage_of(const EVP_PKEY* key, CertifiedUse use) noexcept {
  if (use == CertifiedUse::sign) return "critical,digitalSignature";
  return EVP_PKEY_is_a(key, "RSA") == 1 ? "critical,keyEncipherment" : "critical,keyAgreement";
}

}  // namespace

Result<CertifiedKey> make_certified_key(CertifiedType type, CertifiedUse use,
                                        std::string_view name) {
  CertifiedKey made;
  made.key.reset(type == CertifiedType::rsa ? EVP_RSA_gen(static_cast<unsigned>(kRsaBits))
                                            : EVP_EC_gen("P-256"));
  if (!made.key) return fail_openssl(Code::internal, "cannot make a key");
  SG_TRY(made.certificate, certify_key(made.key.get(), use, name));
  return made;
}

Result<Certificate> certify_key(EVP_PKEY* key, CertifiedUse use, std::string_view name) {
  SG_CHECK(check_key(key));
  return make_certificate(key, name, usage_of(key, use));
}

Status check_recipient(const X509& certificate) {
  SG_CHECK(check_key(X509_get0_pubkey(&certificate)));
  auto* const own = const_cast<X509*>(&certificate);  // NOLINT(*-const-cast): caches its extensions
  const std::uint32_t usage = X509_get_key_usage(own);
  const bool rsa = EVP_PKEY_is_a(X509_get0_pubkey(&certificate), "RSA") == 1;
  const std::uint32_t wanted = rsa ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT;
  if ((usage & wanted) != 0) return {};
  return fail(Code::refused, "its key usage does not allow to encrypt for it",
              "make it with sifctl node init");
}

Result<std::string> certificate_fingerprint(const X509& certificate) {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), writable_octets(digest), &size) != 1) {
    return fail_openssl(Code::internal, "cannot compute the fingerprint of a certificate");
  }
  return to_hex(std::span(digest).first(size));
}

}  // namespace sifguard
