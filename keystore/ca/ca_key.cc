// The private key of an authority. The owner of the keystore, on the CA's host.
#include "keystore/ca/ca_key.h"

#include <openssl/err.h>

#include <array>

#include "keystore/base/fd.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/crypto/token_key.h"

namespace sifguard {
namespace {

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr std::string_view kTokenScheme = "pkcs11:";

struct Freed {
  void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
};

Result<std::string> sign_in_memory(EVP_PKEY* key, std::string_view message) {
  const auto* const text = octets(as_bytes(message));
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, signature_hash(key), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, text, message.size()) != 1) {
    return fail_openssl(Code::internal, "the CA's key cannot sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, text,
                     message.size()) != 1) {
    return fail_openssl(Code::internal, "the CA's key cannot sign");
  }
  signature.resize(size);
  return signature;
}

Result<std::string> sign_in_token(const std::string& uri, const EVP_PKEY* half,
                                  std::string_view message) {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(message.data(), message.size(), writable_octets(digest), &size,
                 signature_hash(half), nullptr) != 1) {
    return fail_openssl(Code::internal, "cannot hash what the CA signs");
  }
  return token_sign(uri, std::span(digest).first(size));
}

tl::unexpected<Error> not_signed() {
  return fail_openssl(Code::internal, "cannot sign with the CA's key");
}

/// A new key of the same type. OpenSSL lets nobody but its own signing functions set the algorithm
/// of a revocation list: they sign with this one first, then the signature is replaced.
Result<Pkey> stand_in_for(const EVP_PKEY* half) {
  Pkey key(EVP_PKEY_is_a(half, "RSA") == 1 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  if (!key) return not_signed();
  return key;
}

/// `encoded`: what i2d_re_X509_tbs() or its sister made, which is freed here.
Status replace_signature(const CaKey& key, const ASN1_BIT_STRING* place, unsigned char* encoded,
                         int size) {
  const std::unique_ptr<unsigned char, Freed> owned(encoded);
  if (size <= 0) return not_signed();
  SG_TRY(const std::string signature,
         key.sign(std::string_view(reinterpret_cast<const char*>(encoded),
                                   static_cast<std::size_t>(size))));
  // Given as const because only OpenSSL is meant to sign; its flags say already that all bits
  // count.
  auto* const bits = const_cast<ASN1_BIT_STRING*>(place);  // NOLINT(*-const-cast)
  if (ASN1_STRING_set(bits, signature.data(), static_cast<int>(signature.size())) == 1) return {};
  return not_signed();
}

}  // namespace

Result<CaKey> CaKey::find_in_token(const std::string& uri) {
  CaKey key;
  SG_TRY(key.key_, token_signer_half(uri));
  key.token_uri_ = uri;
  const Status kind = check_key_kind(key.pkey());
  if (!kind) return tl::unexpected(Error(kind.error()).prepend("the token's key"));
  SG_TRY(const std::string tried, key.sign("sifguard asks whether the token signs\n"));
  return key;
}

Result<CaKey> CaKey::open(const SecretBytes& stored, X509* certificate) {
  CaKey key;
  if (as_text(stored.bytes()).starts_with(kTokenScheme)) {
    key.token_uri_ = as_text(stored.bytes());
    key.key_.reset(X509_get_pubkey(certificate));
    if (!key.key_) return fail_openssl(Code::config, "the CA's certificate has no usable key");
    return key;
  }
  SG_TRY(key.key_, read_private_pem(stored, nullptr));
  const bool fits = EVP_PKEY_eq(X509_get0_pubkey(certificate), key.pkey()) == 1;
  ERR_clear_error();
  if (!fits) return fail(Code::config, "the CA's key is another than its certificate's");
  return key;
}

Result<SecretBytes> CaKey::stored() const {
  if (token_uri_.empty()) return private_key_pem(pkey(), nullptr);
  return SecretBytes::copy_of(as_bytes(token_uri_));
}

Result<std::string> CaKey::sign(std::string_view message) const {
  auto signature = token_uri_.empty() ? sign_in_memory(pkey(), message)
                                      : sign_in_token(token_uri_, pkey(), message);
  if (!signature || is_signed(pkey(), message, *signature)) return signature;
  return fail(token_uri_.empty() ? Code::internal : Code::unavailable,
              "what the CA's key signs does not fit its public half",
              token_uri_.empty() ? "" : "see whether the URI names the CA's key: " + token_uri_);
}

Status CaKey::sign(X509* certificate) const {
  SG_TRY(const Pkey stand_in, token_uri_.empty() ? Result<Pkey>(Pkey()) : stand_in_for(pkey()));
  EVP_PKEY* const by = stand_in ? stand_in.get() : pkey();
  if (X509_sign(certificate, by, signature_hash(pkey())) <= 0) return not_signed();
  if (!stand_in) return {};
  const ASN1_BIT_STRING* place = nullptr;
  X509_get0_signature(&place, nullptr, certificate);
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_tbs(certificate, &der);
  return replace_signature(*this, place, der, size);
}

Status CaKey::sign(X509_CRL* crl) const {
  SG_TRY(const Pkey stand_in, token_uri_.empty() ? Result<Pkey>(Pkey()) : stand_in_for(pkey()));
  EVP_PKEY* const by = stand_in ? stand_in.get() : pkey();
  if (X509_CRL_sign(crl, by, signature_hash(pkey())) <= 0) return not_signed();
  if (!stand_in) return {};
  const ASN1_BIT_STRING* place = nullptr;
  X509_CRL_get0_signature(crl, &place, nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_CRL_tbs(crl, &der);
  return replace_signature(*this, place, der, size);
}

bool is_signed(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  const bool good =
      context &&
      EVP_DigestVerifyInit(context.get(), nullptr, signature_hash(key), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), octets(as_bytes(signature)), signature.size(),
                       octets(as_bytes(message)), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace sifguard
