// Bare public keys that sign images, and their signatures. Any privilege.
#include "keystore/crypto/signer_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pem.h"
#include "keystore/crypto/rsa_bits.h"
#include "keystore/crypto/ssh_fingerprint.h"

namespace sifguard {
namespace {

using MessageContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// Two encodings of one key would be two ids of it. OpenSSL keeps compressed points and explicit
/// curves as they come; the size of the one form that we take is known for each curve.
bool is_canonical(const EVP_PKEY* key, std::span<const std::byte> der) {
  unsigned char* raw = nullptr;
  const int size = i2d_PUBKEY(key, &raw);
  if (size <= 0) return false;
  const auto again = std::as_bytes(std::span(raw, static_cast<std::size_t>(size)));
  const bool same = std::equal(again.begin(), again.end(), der.begin(), der.end());
  OPENSSL_free(raw);
  if (EVP_PKEY_is_a(key, "EC") != 1) return same;
  const int bits = EVP_PKEY_get_bits(key);
  const std::size_t expected = bits == 256 ? 91 : bits == 384 ? 120 : 158;
  return same && der.size() == expected;
}

bool verify_digest(EVP_PKEY* key, bool is_rsa, std::string_view signature,
                   const Sha256Digest& digest) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      (is_rsa && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) {
    return false;
  }
  return EVP_PKEY_verify(context.get(), octets(as_bytes(signature)), signature.size(),
                         octets(digest), digest.size()) == 1;
}

bool verify_message(EVP_PKEY* key, std::string_view signature, std::string_view message) {
  const MessageContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), octets(as_bytes(signature)), signature.size(),
                          octets(as_bytes(message)), message.size()) == 1;
}

}  // namespace

Result<SignerKey> SignerKey::from_pem(std::string_view pem) {
  SG_TRY(const auto blocks, read_pem_of(pem, PEM_STRING_PUBLIC, 1));
  SG_TRY(SignerKey key, from_spki(blocks[0]));
  SG_CHECK(key.check_size());
  return key;
}

Status SignerKey::check_size() const {
  const int bits = EVP_PKEY_get_bits(key_.get());
  if (form_ != Form::rsa || bits >= kMinRsaBits) return {};
  return fail(Code::refused, "the RSA key has " + std::to_string(bits) + " bits",
              "use 2048 to 8192 bits");
}

Status SignerKey::check_strong() const {
  SG_CHECK(check_size());
  return check_exponent(key_.get());
}

Result<SignerKey> SignerKey::from_spki(std::span<const std::byte> der) {
  const unsigned char* at = octets(der);
  SignerKey key(Pkey(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()))));
  if (!key.key_ || at != octets(der) + der.size()) {
    return fail_openssl(Code::refused, "malformed public key");
  }
  SG_CHECK(key.inspect(der));
  return key;
}

Status SignerKey::inspect(std::span<const std::byte> der) {
  // Refuses other types and curves. RSA-PSS keys are a type of their own.
  SG_TRY(fingerprint_, ssh_fingerprint(key_.get()));
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    SG_CHECK(inspect_rsa());
  } else {
    form_ = EVP_PKEY_is_a(key_.get(), "EC") == 1 ? Form::ecdsa : Form::ed25519;
  }
  if (!is_canonical(key_.get(), der)) {
    return fail_openssl(Code::refused, "the public key is not in its usual encoding",
                        "openssl ec -pubin -conv_form uncompressed -param_enc named_curve");
  }
  SG_TRY(const Sha256Digest digest, sha256(der));
  spki_ = to_hex(digest);
  return {};
}

Status SignerKey::inspect_rsa() {
  form_ = Form::rsa;
  const int bits = EVP_PKEY_get_bits(key_.get());
  weak_ = bits < kMinRsaBits || has_small_exponent(key_.get());
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_E, &number) != 1) {
    return fail_openssl(Code::refused, "the RSA key has no public exponent");
  }
  const Owned<BIGNUM, BN_free> exponent(number);
  const int size = BN_num_bits(exponent.get());
  if (bits > kMaxRsaBits || BN_is_odd(exponent.get()) != 1 || size < 2 || size > 64) {
    return fail(Code::refused, "the RSA key is unusable: more than 8192 bits, or a bad exponent");
  }
  return {};
}

std::string SignerKey::algorithm() const {
  if (form_ == Form::ed25519) return "ed25519";
  const std::string bits = std::to_string(EVP_PKEY_get_bits(key_.get()));
  return (form_ == Form::rsa ? "rsa" : "p-") + bits;
}

std::string_view SignerKey::hash() const noexcept {
  return form_ == Form::ed25519 ? "sha512" : "sha256";
}

bool SignerKey::made(std::string_view signature, std::string_view message,
                     const Sha256Digest& digest) const {
  // OpenSSL takes an ECDSA signature in DER alone, and an RSA one of the modulus's length alone.
  const bool is_rsa = form_ == Form::rsa;
  const bool good = form_ == Form::ed25519 ? verify_message(key_.get(), signature, message)
                                           : verify_digest(key_.get(), is_rsa, signature, digest);
  ERR_clear_error();
  return good;
}

}  // namespace sifguard
