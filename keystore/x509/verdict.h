// Questions and answers about a signer's X.509 certificate. Any privilege; this uses no OpenSSL, so
// that root can read answers without linking it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// Which proof every certificate below the root needs to show that it is not revoked. In any mode
/// but off, a revocation in any available fresh CRL or OCSP response refuses.
enum class Revocation : std::uint8_t {
  off = 0,
  crl = 1,            ///< a fresh CRL of its issuer
  ocsp = 2,           ///< a fresh OCSP response "good"
  ocsp_then_crl = 3,  ///< a fresh OCSP response or, if there is none, a fresh CRL
};

/// The mode for a word of the configuration; any other word gives the strictest.
[[nodiscard]] constexpr Revocation revocation_of(std::string_view word) noexcept {
  if (word == "off") return Revocation::off;
  if (word == "ocsp") return Revocation::ocsp;
  return word == "ocsp-then-crl" ? Revocation::ocsp_then_crl : Revocation::crl;
}

enum class CertificateStatus : std::uint8_t {
  good = 1,
  expired,             ///< it, or one above it, at the given time
  not_yet_valid,       ///< it, or one above it, at the given time
  untrusted,           ///< no chain to a given root, or one that violates its constraints
  wrong_usage,         ///< not for code signing, or a CA
  revoked,             ///< it or an intermediate
  revocation_unknown,  ///< the required proof is missing, stale or not from an authorized issuer
  weak,                ///< a key or signature algorithm in the chain
  malformed,           ///< not exactly one certificate, or a name that cannot be shown
};

/// Limits of the texts in a verdict, in bytes.
inline constexpr std::size_t kMaxSubject = 1024;
inline constexpr std::size_t kMaxNames = 64;       ///< alternative names of one certificate
inline constexpr std::size_t kMaxName = 512;       ///< one of them
inline constexpr std::size_t kMaxAllNames = 4096;  ///< all of them
inline constexpr std::size_t kMaxSerial = 64;      ///< hexadecimal digits
inline constexpr std::size_t kMaxVerdictNote = 480;

struct CertificateVerdict {
  CertificateStatus status = CertificateStatus::malformed;
  std::string spki;                ///< SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hex
  std::string subject;             ///< RFC 2253, ASCII (keystore/policy/subject_name.h); may be ""
  std::vector<std::string> names;  ///< "email:…", "dns:…" (lower case), "uri:…"; printable ASCII
  std::string serial;              ///< lower-case hexadecimal
  std::int64_t valid_until =
      0;             ///< Unix seconds: the earliest expiry of anything that the verdict is based on
  std::string note;  ///< why it is not good, as one printable clause; "" when good
};

}  // namespace sifguard
