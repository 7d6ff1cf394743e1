// Finding and opening the private key in a PEM file. Any privilege.
//
// The decoding is done step by step, not by OSSL_DECODER, because only PEM_FLAG_SECURE makes
// OpenSSL wipe what it decodes, and because each step has an error of its own.
#include "keystore/crypto/private_pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <cstring>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pbe_cost.h"

namespace sifguard {
namespace {

constexpr unsigned int kReadFlags = PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE;
constexpr std::string_view kPrivateSuffix = "PRIVATE KEY";

/// One block as PEM_read_bio_ex() hands it out: all three pieces are wiped when they go.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    OPENSSL_secure_free(name_);
    OPENSSL_secure_free(header_);
    OPENSSL_secure_clear_free(data_, static_cast<std::size_t>(size_));
  }
  [[nodiscard]] bool read(BIO* from) {
    return PEM_read_bio_ex(from, &name_, &header_, &data_, &size_, kReadFlags) == 1;
  }
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] char* header() const { return header_; }
  [[nodiscard]] unsigned char* data() const { return data_; }
  [[nodiscard]] long& size() { return size_; }
  [[nodiscard]] bool is_private() const {
    return name() == PEM_STRING_EVP_PKEY || name().ends_with(kPrivateSuffix);
  }

 private:
  char* name_ = nullptr;
  char* header_ = nullptr;
  unsigned char* data_ = nullptr;
  long size_ = 0;
};

Result<std::unique_ptr<Block>> find_block(BIO* bio) {
  std::unique_ptr<Block> found;
  for (;;) {
    auto block = std::make_unique<Block>();
    if (!block->read(bio)) break;
    if (!block->is_private()) continue;
    if (found) {
      return fail(Code::refused, "the PEM file holds more than one private key",
                  "keep one key in a file");
    }
    found = std::move(block);
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!ended) return fail_openssl(Code::refused, "the PEM file is malformed or truncated");
  ERR_clear_error();
  if (!found) return fail(Code::refused, "the PEM file holds no private key");
  return found;
}

tl::unexpected<Error> no_password() {
  return fail(Code::refused, "the private key is encrypted and no password was given",
              "give its password");
}

tl::unexpected<Error> not_decrypted() {
  if (openssl_lacks_algorithm()) {
    return fail_openssl(Code::refused, "the private key is encrypted with an unsupported cipher",
                        "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc");
  }
  ERR_clear_error();
  return fail(Code::refused, "wrong password for the private key, or the key is damaged");
}

tl::unexpected<Error> malformed() {
  return fail_openssl(Code::refused, "the private key is malformed");
}

Result<Pkey> from_pkcs8(const PKCS8_PRIV_KEY_INFO* info) {
  Pkey key(EVP_PKCS82PKEY(info));
  if (!key) return malformed();
  return key;
}

/// A password says that who made the file knew it. Of a key that is not under it that is not so.
tl::unexpected<Error> not_protected() {
  return fail(Code::refused, "the private key is not encrypted, so the password proves nothing",
              "leave the password out if it is meant to be so");
}

Result<Pkey> open_pkcs8(Block& block, const SecretBytes* password) {
  if (password != nullptr) return not_protected();
  const unsigned char* at = block.data();
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, block.size()));
  if (!info || at != block.data() + block.size()) return malformed();
  return from_pkcs8(info.get());
}

Result<Pkey> open_encrypted_pkcs8(Block& block, const SecretBytes* password) {
  if (password == nullptr) return no_password();
  const unsigned char* at = block.data();
  const Owned<X509_SIG, X509_SIG_free> sealed(d2i_X509_SIG(nullptr, &at, block.size()));
  if (!sealed || at != block.data() + block.size()) return malformed();
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(sealed.get(), &algorithm, nullptr);
  SG_CHECK(check_pbe_cost(algorithm));
  // An empty password is "", not the null pointer, which OpenSSL takes for a third thing.
  const char* text =
      password->empty() ? "" : reinterpret_cast<const char*>(password->bytes().data());
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      PKCS8_decrypt(sealed.get(), text, static_cast<int>(password->size())));
  if (!info) return not_decrypted();
  return from_pkcs8(info.get());
}

int copy_password(char* to, int room, int /*writing*/, void* from) {
  const auto* password = static_cast<const SecretBytes*>(from);
  if (password == nullptr || password->size() > static_cast<std::size_t>(room)) return -1;
  if (!password->empty()) std::memcpy(to, password->bytes().data(), password->size());
  return static_cast<int>(password->size());
}

Result<Pkey> open_type_specific(Block& block, int type, const SecretBytes* password) {
  EVP_CIPHER_INFO cipher{};
  if (PEM_get_EVP_CIPHER_INFO(block.header(), &cipher) != 1) {
    return fail_openssl(Code::refused, "the PEM header of the private key is not understood");
  }
  if (cipher.cipher == nullptr && password != nullptr) return not_protected();
  if (cipher.cipher != nullptr) {
    if (password == nullptr) return no_password();
    // OpenSSL does not write to the password through this pointer: copy_password() reads it.
    auto* const source = const_cast<SecretBytes*>(password);  // NOLINT(*-const-cast)
    if (PEM_do_header(&cipher, block.data(), &block.size(), copy_password, source) != 1) {
      return not_decrypted();
    }
  }
  const unsigned char* at = block.data();
  Pkey key(d2i_PrivateKey(type, nullptr, &at, block.size()));
  if (!key && cipher.cipher != nullptr) return not_decrypted();
  if (!key || at != block.data() + block.size()) return malformed();
  return key;
}

}  // namespace

Result<Pkey> read_private_pem(const SecretBytes& pem, const SecretBytes* password) {
  if (pem.size() > kMaxKeyFile) return fail(Code::refused, "the private key file is too large");
  if (pem.empty()) return fail(Code::refused, "the PEM file is empty: it holds no private key");
  ERR_clear_error();
  const Bio bio = view_bio(pem.bytes());
  if (!bio) return fail_openssl(Code::temporary, "cannot read a PEM file");
  SG_TRY(const std::unique_ptr<Block> block, find_block(bio.get()));
  if (block->name() == PEM_STRING_PKCS8INF) return open_pkcs8(*block, password);
  if (block->name() == PEM_STRING_PKCS8) return open_encrypted_pkcs8(*block, password);
  if (block->name() == PEM_STRING_RSA) return open_type_specific(*block, EVP_PKEY_RSA, password);
  if (block->name() == PEM_STRING_ECPRIVATEKEY) {
    return open_type_specific(*block, EVP_PKEY_EC, password);
  }
  const std::string name(block->name());
  return fail(Code::refused,
              "the PEM block is '" + printable(name, 64) + "', not a key that can be used",
              name.starts_with("OPENSSH") ? "convert it: ssh-keygen -p -m PEM -f KEY"
                                          : "give PKCS#8: openssl pkcs8 -topk8");
}

bool is_encrypted_pem(const SecretBytes& pem) noexcept {
  return as_text(pem.bytes()).find("ENCRYPTED") != std::string_view::npos;
}

}  // namespace sifguard
