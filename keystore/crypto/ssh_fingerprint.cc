// The OpenSSH fingerprint of a public key. Any privilege.
#include "keystore/crypto/ssh_fingerprint.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <array>
#include <string_view>

#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

struct Curve {
  std::string_view openssl;
  std::string_view ssh;
  std::size_t bytes;  ///< of a coordinate
};
constexpr std::array kCurves = {Curve{"prime256v1", "nistp256", 32},
                                Curve{"secp384r1", "nistp384", 48},
                                Curve{"secp521r1", "nistp521", 66}};

/// RFC 4251 5: u32 length, big-endian, and the bytes.
std::string ssh_string(std::string_view bytes) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(bytes.size() >> static_cast<unsigned>(shift) & 0xffU));
  }
  return out.append(bytes);
}

/// The number `name` of the key, big-endian, padded with zeros to `width` or else as it is.
Result<std::string> number(const EVP_PKEY* key, const char* name, std::size_t width = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) {
    return fail_openssl(Code::refused, "the public key is incomplete");
  }
  const Owned<BIGNUM, BN_free> value(raw);
  const auto size = static_cast<std::size_t>(BN_num_bytes(value.get()));
  std::string bytes(width != 0 ? width : size, '\0');
  if (BN_bn2binpad(value.get(), writable_octets(std::as_writable_bytes(std::span(bytes))),
                   static_cast<int>(bytes.size())) < 0) {
    return fail_openssl(Code::refused, "the public key is malformed");
  }
  return bytes;
}

/// RFC 4251 5: an mpint is signed, so a number with its top bit set gets a zero in front.
std::string ssh_mpint(const std::string& bytes) {
  const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0;
  return ssh_string(negative ? std::string(1, '\0') + bytes : bytes);
}

Result<std::string> rsa_key(const EVP_PKEY* key) {
  SG_TRY(const std::string exponent, number(key, OSSL_PKEY_PARAM_RSA_E));
  SG_TRY(const std::string modulus, number(key, OSSL_PKEY_PARAM_RSA_N));
  return ssh_string("ssh-rsa") + ssh_mpint(exponent) + ssh_mpint(modulus);
}

Result<std::string> ec_key(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) {
    return fail_openssl(Code::refused, "the EC key is not on a named curve");
  }
  const std::string_view name(group.data(), size);
  for (const Curve& curve : kCurves) {
    if (name != curve.openssl) continue;
    // From the coordinates: the stored point may be compressed, which SSH does not know.
    SG_TRY(const std::string x, number(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.bytes));
    SG_TRY(const std::string y, number(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.bytes));
    return ssh_string("ecdsa-sha2-" + std::string(curve.ssh)) + ssh_string(curve.ssh) +
           ssh_string("\x04" + x + y);
  }
  return fail(Code::refused, "the EC key is on " + std::string(name) + ", not P-256, P-384, P-521");
}

Result<std::string> ed25519_key(const EVP_PKEY* key) {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, writable_octets(std::as_writable_bytes(std::span(bytes))),
                                  &size) != 1 ||
      size != bytes.size()) {
    return fail_openssl(Code::refused, "the public key is incomplete");
  }
  return ssh_string("ssh-ed25519") + ssh_string(bytes);
}

}  // namespace

Result<std::string> ssh_public_key(const EVP_PKEY* key) {
  if (key == nullptr) return fail(Code::internal, "no key given");
  if (EVP_PKEY_is_a(key, "RSA") == 1) return rsa_key(key);
  if (EVP_PKEY_is_a(key, "EC") == 1) return ec_key(key);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return ed25519_key(key);
  const char* const type = EVP_PKEY_get0_type_name(key);
  return fail(Code::refused, std::string("the key is ") + (type != nullptr ? type : "unknown") +
                                 ", not RSA, EC or Ed25519");
}

Result<std::string> ssh_fingerprint(const EVP_PKEY* key) {
  SG_TRY(const std::string wire, ssh_public_key(key));
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(wire)));
  return "SHA256:" + to_unpadded_base64(digest);
}

}  // namespace sifguard
