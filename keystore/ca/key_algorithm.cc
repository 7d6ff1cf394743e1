// The kinds of keys that a CA makes. Any privilege.
#include "keystore/ca/key_algorithm.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/signer_key.h"

namespace sifguard {
namespace {

constexpr int kStrongCurveBits = 384;
constexpr int kIterations = 600000;  // OWASP 2023 for PBKDF2-HMAC-SHA-256

}  // namespace

std::optional<KeyAlgorithm> key_algorithm_from(std::string_view name) noexcept {
  if (name == "p-256") return KeyAlgorithm::p256;
  if (name == "p-384") return KeyAlgorithm::p384;
  if (name == "ed25519") return KeyAlgorithm::ed25519;
  if (name == "rsa3072") return KeyAlgorithm::rsa3072;
  if (name == "rsa4096") return KeyAlgorithm::rsa4096;
  return std::nullopt;
}

Result<Pkey> generate_key(KeyAlgorithm algorithm) {
  Pkey key;
  switch (algorithm) {
    case KeyAlgorithm::p256:
      key.reset(EVP_EC_gen("P-256"));
      break;
    case KeyAlgorithm::p384:
      key.reset(EVP_EC_gen("P-384"));
      break;
    case KeyAlgorithm::ed25519:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
      break;
    case KeyAlgorithm::rsa3072:
      key.reset(EVP_RSA_gen(3072));
      break;
    case KeyAlgorithm::rsa4096:
      key.reset(EVP_RSA_gen(4096));
      break;
  }
  if (!key) return fail_openssl(Code::internal, "cannot make a key");
  return key;
}

const EVP_MD* signature_hash(const EVP_PKEY* key) noexcept {
  if (EVP_PKEY_is_a(key, "ED25519") == 1 || EVP_PKEY_is_a(key, "ED448") == 1) return nullptr;
  const bool strong = EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_bits(key) >= kStrongCurveBits;
  return strong ? EVP_sha384() : EVP_sha256();
}

namespace {

using Pkcs8 = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using SealedPkcs8 = Owned<X509_SIG, X509_SIG_free>;

SealedPkcs8 seal_pkcs8(PKCS8_PRIV_KEY_INFO* plain, const SecretBytes& password) {
  X509_ALGOR* const method =
      PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), kIterations, nullptr, 0, nullptr, NID_hmacWithSHA256);
  if (method == nullptr) return {};
  SealedPkcs8 sealed(PKCS8_set0_pbe(reinterpret_cast<const char*>(password.bytes().data()),
                                    static_cast<int>(password.size()), plain, method));
  if (!sealed) X509_ALGOR_free(method);
  return sealed;
}

}  // namespace

Result<SecretBytes> private_key_pem(const EVP_PKEY* key, const SecretBytes* password) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  const Pkcs8 plain(EVP_PKEY2PKCS8(key));
  bool good = bio && plain;
  if (good && password == nullptr) {
    good = PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.get(), plain.get()) == 1;
  } else if (good) {
    const SealedPkcs8 sealed = seal_pkcs8(plain.get(), *password);
    good = sealed && PEM_write_bio_PKCS8(bio.get(), sealed.get()) == 1;
  }
  if (!good) return fail_openssl(Code::internal, "cannot encode a private key");
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return SecretBytes::copy_of(std::as_bytes(std::span(data, static_cast<std::size_t>(length))));
}

Status check_key_kind(const EVP_PKEY* key) {
  constexpr const char* kAdvice =
      "use P-256, P-384, Ed25519, or RSA of 2048 to 8192 bits with the exponent 65537";
  unsigned char* der = nullptr;
  const int size = key == nullptr ? 0 : i2d_PUBKEY(key, &der);
  if (size <= 0) return fail_openssl(Code::refused, "the key cannot be read", kAdvice);
  const auto known =
      SignerKey::from_spki(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  if (has_small_exponent(key)) {
    return fail(Code::refused, "the RSA key's exponent is less than 65537", kAdvice);
  }
  if (known && !known->weak()) return {};
  return fail(Code::refused,
              "the key is weak, or of a type that nothing here verifies: " +
                  (known ? "RSA of less than 2048 bits" : known.error().what()),
              kAdvice);
}

Result<std::string> spki_digest(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return fail_openssl(Code::refused, "the public key cannot be read");
  const auto digest = sha256(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  if (!digest) return tl::unexpected(digest.error());
  return to_hex(*digest);
}

}  // namespace sifguard
