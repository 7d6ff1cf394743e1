// Writing PFX files, and the checks on the outside of those we read. Any privilege.
#include "keystore/crypto/pfx.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include <algorithm>
#include <cstring>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pbe_cost.h"
#include "keystore/crypto/pfx_bags.h"

namespace sifguard {
namespace {

constexpr int kIterations = 600000;  // PBKDF2-HMAC-SHA-256, as OWASP advises in 2023
constexpr int kSaltBytes = 16;

using Pkcs12 = Owned<PKCS12, PKCS12_free>;
using LibraryContext = Owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free>;
using Provider = Owned<OSSL_PROVIDER, OSSL_PROVIDER_unload>;

/// OpenSSL's PKCS#12 functions want a NUL-terminated password.
Result<SecretBytes> terminated(const SecretBytes& password) {
  SG_TRY(SecretBytes text, SecretBytes::allocate(password.size() + 1));
  if (!password.empty()) {
    std::memcpy(text.bytes().data(), password.bytes().data(), password.size());
  }
  return text;
}

Result<std::vector<std::byte>> to_der(const PKCS12* pfx) {
  unsigned char* der = nullptr;
  const int size = i2d_PKCS12(pfx, &der);
  if (size <= 0) return fail_openssl(Code::internal, "cannot encode a PFX file");
  const auto bytes = std::as_bytes(std::span(der, static_cast<std::size_t>(size)));
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  OPENSSL_free(der);
  return copy;
}

Status check_mac_cost(const PKCS12* pfx) {
  const ASN1_INTEGER* iterations = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &iterations, pfx);
  if (iterations == nullptr) return {};  // the default, 1
  return check_iterations(iterations);
}

/// What OpenSSL before 1.1 made of a password: each of its bytes a character of its own.
Result<SecretBytes> byte_by_byte(const SecretBytes& password) {
  SG_TRY(SecretBytes wide, SecretBytes::allocate(2 * password.size() + 1));
  std::size_t size = 0;
  for (const std::byte b : password.bytes()) {
    if ((b & std::byte{0x80}) != std::byte{0}) {
      wide.bytes()[size++] = std::byte{0xC0} | (b >> 6U);
      wide.bytes()[size++] = std::byte{0x80} | (b & std::byte{0x3F});
    } else {
      wide.bytes()[size++] = b;
    }
  }
  wide.shrink(size + 1);
  return wide;
}

/// The password in the form that fits: an empty one is encoded in two ways by different tools, and
/// one beyond ASCII in two ways by OpenSSL. `wide` is byte_by_byte().
Result<const char*> check_mac(PKCS12* pfx, const SecretBytes& password, const SecretBytes& wide) {
  if (PKCS12_mac_present(pfx) != 1) {
    return fail(Code::refused, "the PFX file has no integrity check (MAC)",
                "export it again without -nomac");
  }
  SG_CHECK(check_mac_cost(pfx));
  const char* const text = reinterpret_cast<const char*>(password.bytes().data());
  ERR_clear_error();
  if (PKCS12_verify_mac(pfx, text, -1) == 1) return text;
  if (*text == '\0' && PKCS12_verify_mac(pfx, nullptr, 0) == 1) return nullptr;
  const char* const old = reinterpret_cast<const char*>(wide.bytes().data());
  if (std::strcmp(old, text) != 0 && PKCS12_verify_mac(pfx, old, -1) == 1) return old;
  if (ERR_peek_error() != 0) {
    return fail_openssl(Code::refused, "cannot check the integrity of the PFX file");
  }
  return fail(Code::refused, "wrong password for the PFX file, or the file is damaged");
}

}  // namespace

Status check_pfx_password(const SecretBytes& password) {
  const std::string_view text = as_text(password.bytes());
  if (text.empty()) {
    return fail(Code::refused, "the password of a PFX file must not be empty");
  }
  if (text.find_first_of(std::string_view("\0\n\r", 3)) != std::string_view::npos ||
      !is_utf8(text)) {
    return fail(Code::refused, "the password of a PFX file must be one line of UTF-8 text");
  }
  return {};
}

Result<std::vector<std::byte>> write_pfx(const RsaPrivateKey& key, X509& certificate,
                                         const SecretBytes& password, const std::string& name) {
  SG_CHECK(check_pfx_password(password));
  if (!certificate_fits(certificate, key.pkey())) {
    return fail(Code::refused, "the certificate is not of this key");
  }
  SG_TRY(const SecretBytes text, terminated(password));
  const char* const pass = reinterpret_cast<const char*>(text.bytes().data());
  const Pkcs12 pfx(PKCS12_create(pass, name.c_str(), key.handle(), &certificate, nullptr,
                                 NID_aes_256_cbc, NID_aes_256_cbc, kIterations, -1, 0));
  if (!pfx ||
      PKCS12_set_mac(pfx.get(), pass, -1, nullptr, kSaltBytes, kIterations, EVP_sha256()) != 1) {
    return fail_openssl(Code::internal, "cannot make a PFX file");
  }
  return to_der(pfx.get());
}

bool looks_like_der(std::span<const std::byte> data) noexcept {
  return data.size() >= 2 && data[0] == std::byte{0x30};  // SEQUENCE
}

Result<Pfx> read_pfx(std::span<const std::byte> der, const SecretBytes& password) {
  if (der.size() > kMaxKeyFile) return fail(Code::refused, "the PFX file is too large");
  if (as_text(password.bytes()).find('\0') != std::string_view::npos) {
    return fail(Code::refused, "a password with a NUL byte opens no PFX file");
  }
  // A context of its own, so that the old ciphers are known to this function alone.
  const LibraryContext library(OSSL_LIB_CTX_new());
  const Provider standard(OSSL_PROVIDER_load(library.get(), "default"));
  const Provider legacy(OSSL_PROVIDER_load(library.get(), "legacy"));  // may be missing
  if (!library || !standard) return fail_openssl(Code::internal, "cannot set up OpenSSL");
  PKCS12* shell = PKCS12_init_ex(NID_pkcs7_data, library.get(), nullptr);
  const unsigned char* at = octets(der);
  const Pkcs12 pfx(d2i_PKCS12(&shell, &at, static_cast<long>(der.size())));
  if (!pfx) {
    return fail_openssl(Code::refused, "not a PFX file, or it is truncated");
  }
  if (at != octets(der) + der.size()) {
    return fail(Code::refused, "the PFX file has bytes after its end");
  }
  SG_TRY(const SecretBytes text, terminated(password));
  SG_TRY(const SecretBytes wide, byte_by_byte(password));
  SG_TRY(const char* const pass, check_mac(pfx.get(), text, wide));
  auto opened = open_bags(pfx.get(), pass, library.get());
  const char* const typed = reinterpret_cast<const char*>(text.bytes().data());
  const char* const widened = reinterpret_cast<const char*>(wide.bytes().data());
  if (opened || pass == nullptr || std::strcmp(typed, widened) == 0) return opened;
  // PBES2 takes a password's bytes as they are, which the MAC does not: they may be the other ones.
  auto again = open_bags(pfx.get(), pass == widened ? typed : widened, library.get());
  return again ? std::move(again) : std::move(opened);
}

}  // namespace sifguard
