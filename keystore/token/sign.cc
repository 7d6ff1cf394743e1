// Signatures by a key in a PKCS#11 token. Runs in sifguard-token.
#include <openssl/ec.h>

#include <algorithm>
#include <array>

#include "keystore/crypto/openssl.h"
#include "keystore/token/token.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxSignature = 2048;

/// DigestInfo (RFC 8017 9.2, note 1) but for the digest itself; empty for another size.
std::span<const unsigned char> digest_prefix(std::size_t size) {
  static constexpr std::array<unsigned char, 19> kSha256 = {
      0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  static constexpr std::array<unsigned char, 19> kSha384 = {
      0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
      0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30};
  if (size == 32) return kSha256;
  if (size == 48) return kSha384;
  return {};
}

/// From the two numbers one after the other, as PKCS#11 has it.
Result<std::vector<std::byte>> ecdsa_der(std::span<const std::byte> numbers) {
  const auto half = static_cast<int>(numbers.size() / 2);
  Owned<BIGNUM, BN_free> r(BN_bin2bn(octets(numbers), half, nullptr));
  Owned<BIGNUM, BN_free> s(BN_bin2bn(octets(numbers) + half, half, nullptr));
  const Owned<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  if (half == 0 || numbers.size() % 2 != 0 || !r || !s || !signature ||
      ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return fail_openssl(Code::unavailable, "the token gives signatures in another form");
  }
  r.release();  // NOLINT(bugprone-unused-return-value): the signature owns both
  s.release();  // NOLINT(bugprone-unused-return-value)
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return fail_openssl(Code::internal, "cannot encode a signature");
  const auto bytes = std::as_bytes(std::span(der, static_cast<std::size_t>(size)));
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  OPENSSL_free(der);
  return copy;
}

}  // namespace

Result<std::vector<std::byte>> Token::sign(std::span<const std::byte> digest) const {
  const auto prefix = std::as_bytes(digest_prefix(digest.size()));
  if (prefix.empty()) return fail(Code::usage, "not a SHA-256 or SHA-384 digest");
  std::vector<std::byte> input;
  if (type_ == CKK_RSA) input.assign(prefix.begin(), prefix.end());
  input.insert(input.end(), digest.begin(), digest.end());
  CK_MECHANISM mechanism = {type_ == CKK_RSA ? CKM_RSA_PKCS : CKM_ECDSA, nullptr, 0};
  CK_RV value = module_->C_SignInit(session_, &mechanism, key_);
  if (value != CKR_OK) return fail_token("the token does not sign with this key", value);
  SG_CHECK(log_in_for_use());
  std::vector<std::byte> signature(kMaxSignature);
  auto size = static_cast<CK_ULONG>(signature.size());
  value = module_->C_Sign(session_, writable_octets(input), static_cast<CK_ULONG>(input.size()),
                          writable_octets(signature), &size);
  if (value != CKR_OK) return fail_token("the token does not sign with this key", value);
  signature.resize(std::min<std::size_t>(signature.size(), size));
  if (type_ == CKK_RSA) return signature;
  return ecdsa_der(signature);
}

}  // namespace sifguard
