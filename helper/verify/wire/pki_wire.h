// The request to `sifguard-pki` and its answer: structure and codec of both messages.
//
// Root encodes the request and decodes the answer; the sandbox does the reverse. Layout (bytes.h),
// a list being u32 count and bytes each: request: magic "SPKQ", version u8 = 1; the lists
// public_keys, certificates, intermediates, roots, crls, ocsp; revocation u8; now i64; pairs (u32
// count, each data, signature and key_hint bytes). Answer: magic "SPKA", version u8 = 1, kind u8;
// then u32 count and for every pair status u8, spki bytes, hash bytes; u32 count and for every
// certificate status u8, spki, subject, names (list), serial bytes, valid_until i64, note bytes; or
// a failure (failure_record.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

inline constexpr std::uint32_t kMaxPkiKeys = 256;  ///< in each list of keys and certificates
inline constexpr std::uint32_t kMaxPkiKeySize = 64 * 1024;
inline constexpr std::uint32_t kMaxPkiBundleSize = 256 * 1024;  ///< intermediates, roots: PEM each
inline constexpr std::uint32_t kMaxPkiKeyTotal = 8 << 20;       ///< all keys, certificates, bundles
inline constexpr std::uint32_t kMaxPkiCrls = 256;
inline constexpr std::uint32_t kMaxPkiCrlTotal = 16 << 20;
inline constexpr std::uint32_t kMaxPkiOcsp = 256;
inline constexpr std::uint32_t kMaxPkiOcspSize = 64 * 1024;
inline constexpr std::uint32_t kMaxPkiOcspTotal = 4 << 20;
inline constexpr std::uint32_t kMaxPkiPairs = 256;
inline constexpr std::uint32_t kMaxPkiData = 2 << 20;
inline constexpr std::uint32_t kMaxPkiSignature = 4096;
inline constexpr std::uint32_t kMaxPkiHint = 1024;
inline constexpr std::uint32_t kMaxPkiPairTotal = 8 << 20;
inline constexpr std::size_t kMaxPkiRequest = 40 << 20;
inline constexpr std::size_t kMaxPkiAnswer = 2 << 20;

/// One signature of a DSSE envelope.
struct PkiPair {
  std::string data;       ///< what was signed: the pre-authentication encoding
  std::string signature;  ///< raw
  std::string key_hint;   ///< the envelope's keyid; distinguishes `bad` from `unknown_key`, never
                          ///< used for identity
};

struct PkiRequest {
  std::vector<std::string> public_keys;  ///< PEM SubjectPublicKeyInfo, one each
  std::vector<std::string>
      certificates;  ///< PEM, one leaf each; pairs are checked with their keys as well
  std::vector<std::string> intermediates;  ///< PEM, one or more certificates each; not trusted
  std::vector<std::string> roots;          ///< PEM, one or more self-signed CAs each
  std::vector<std::string> crls;           ///< PEM or DER
  std::vector<std::string> ocsp;           ///< DER OCSPResponse
  Revocation revocation = Revocation::off;
  std::int64_t now = 0;  ///< Unix seconds: certificates are judged at this time
  std::vector<PkiPair> pairs;
};

enum class PairStatus : std::uint8_t {
  good = 1,
  bad = 2,          ///< no given key made it, and its hint names one of them
  unknown_key = 3,  ///< no given key made it
  weak = 4,         ///< made by the key of a certificate that is too weak to count
  malformed = 5,    ///< cannot be a signature
};

struct PairVerdict {
  PairStatus status = PairStatus::malformed;
  /// SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits: of the key that
  /// made it (good, weak) or that its hint names (bad); else empty.
  std::string spki;
  std::string
      hash;  ///< "sha256"; "sha512" for Ed25519, which hashes by itself; "" unless good or weak
};

struct PkiAnswer {
  std::vector<PairVerdict> pairs;                ///< in the order asked
  std::vector<CertificateVerdict> certificates;  ///< in the order asked
};

/// The name of a key as a signer ("spki:" and 64 lower-case hexadecimal digits).
[[nodiscard]] inline std::string signer_id_of_spki(std::string_view spki) {
  return "spki:" + std::string(spki);
}

/// Errors: Code::config when keys, certificates or revocation data exceed the limits above,
/// Code::refused when a signature does.
[[nodiscard]] Result<std::string> encode_pki_request(const PkiRequest& request);
/// Errors: Code::internal for a malformed request.
[[nodiscard]] Result<PkiRequest> decode_pki_request(std::string_view data);

[[nodiscard]] std::string encode_pki_answer(const PkiAnswer& answer);
[[nodiscard]] std::string encode_pki_failure(const Error& error);
/// Exactly as many verdicts as were requested; a good one has an SPKI. Errors: the failure
/// reported, or Code::refused when the answer is malformed.
[[nodiscard]] Result<PkiAnswer> decode_pki_answer(std::string_view data, std::size_t pairs,
                                                  std::size_t certificates);

}  // namespace sifguard
