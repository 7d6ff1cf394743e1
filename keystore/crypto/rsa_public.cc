// The public half of an RSA key: reading, writing, identity, encryption. Any privilege.
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/oaep.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

struct PublicBlock {
  std::string name;
  std::vector<std::byte> der;
};

Result<PublicBlock> first_block(std::string_view pem) {
  if (pem.size() > kMaxKeyFile) return fail(Code::refused, "the public key file is too large");
  const Bio bio = view_bio(as_bytes(pem));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!bio || PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
    return fail_openssl(Code::refused, "not a PEM file");
  }
  PublicBlock block{name, {}};
  const auto bytes = std::as_writable_bytes(std::span(data, static_cast<std::size_t>(size)));
  block.der.assign(bytes.begin(), bytes.end());
  wipe(bytes);  // it may turn out to be a private key
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return block;
}

Result<std::vector<std::byte>> spki_der(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return fail_openssl(Code::internal, "cannot encode a public key");
  const auto bytes = std::as_bytes(std::span(der, static_cast<std::size_t>(size)));
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  OPENSSL_free(der);
  return copy;
}

}  // namespace

Result<RsaPublicKey> RsaPublicKey::from_pem(std::string_view pem) {
  SG_TRY(PublicBlock block, first_block(pem));
  const unsigned char* at = octets(block.der);
  const auto size = static_cast<long>(block.der.size());
  Pkey key;
  if (block.name == PEM_STRING_PUBLIC) {
    key.reset(d2i_PUBKEY(nullptr, &at, size));
  } else if (block.name == PEM_STRING_RSA_PUBLIC) {
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
  } else {
    wipe(block.der);
    return fail(Code::refused, "the PEM block is '" + block.name + "', not a public key",
                "openssl pkey -in KEY -pubout writes one");
  }
  if (!key || at != octets(block.der) + size) {
    return fail_openssl(Code::refused, "malformed public key");
  }
  return from_pkey(key.get());
}

Result<RsaPublicKey> RsaPublicKey::from_pkey(const EVP_PKEY* key) {
  SG_CHECK(check_rsa(key));
  // Through its encoding, so that a private key given here leaves only its public half.
  SG_TRY(const auto der, spki_der(key));
  const unsigned char* at = octets(der);
  Pkey copy(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!copy) return fail_openssl(Code::internal, "cannot copy a public key");
  return RsaPublicKey(std::move(copy));
}

int RsaPublicKey::bits() const noexcept {
  return EVP_PKEY_get_bits(key_.get());
}

std::size_t RsaPublicKey::modulus_bytes() const noexcept {
  return static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
}

Status RsaPublicKey::check_exponent() const {
  return sifguard::check_exponent(key_.get());
}

Result<std::string> RsaPublicKey::id() const {
  SG_TRY(const auto der, spki_der(key_.get()));
  SG_TRY(const Sha256Digest digest, sha256(der));
  return to_hex(digest);
}

Result<std::string> RsaPublicKey::spki_pem() const {
  return public_pem(key_.get(), "SubjectPublicKeyInfo");
}

Result<std::string> RsaPublicKey::pkcs1_pem() const {
  return public_pem(key_.get(), "type-specific");
}

Result<std::vector<std::byte>> RsaPublicKey::encrypt_oaep(std::span<const std::byte> plain,
                                                          std::string_view label) const {
  const PkeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || !set_oaep(context.get(), label)) {
    return fail_openssl(Code::internal, "cannot set up RSA-OAEP");
  }
  std::vector<std::byte> cipher(modulus_bytes());
  std::size_t size = cipher.size();
  if (EVP_PKEY_encrypt(context.get(), writable_octets(cipher), &size, octets(plain),
                       plain.size()) != 1 ||
      size != cipher.size()) {
    return fail_openssl(Code::internal, "cannot encrypt with RSA-OAEP");
  }
  return cipher;
}

}  // namespace sifguard
