// The request to `sifguard-pgp` and its answer: structure and codec of both messages.
//
// Root encodes the request and decodes the answer; the sandbox does the reverse. Layout (bytes.h):
// request: magic "SGPQ", version u8 = 1, keys (u32 count, bytes each), pairs (u32 count, each data
// bytes and signature bytes). Answer: magic "SGPA", version u8 = 1, kind u8; then u32 count and for
// every pair in order one record of kPgpRecordSize bytes, or a failure (failure_record.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/crypto/openpgp.h"

namespace sifguard {

inline constexpr std::uint32_t kMaxPgpKeys = 256;
inline constexpr std::uint32_t kMaxPgpKeySize = 1 << 20;
inline constexpr std::uint32_t kMaxPgpPairs = 64;  ///< as kMaxSignatures
inline constexpr std::uint32_t kMaxPgpPart = 1 << 20;
inline constexpr std::size_t kMaxPgpRequest = 8 << 20;
/// status u8, primary char[40], signer char[40], hash char[16] (zero-padded), made i64, expires i64
inline constexpr std::size_t kPgpRecordSize = 113;
inline constexpr std::size_t kMaxPgpAnswer = 16384;

struct PgpPair {
  std::string data;
  std::string signature;
};

struct PgpRequest {
  std::vector<std::string> keys;
  std::vector<PgpPair> pairs;
};

/// Errors: Code::config when the keys exceed the limits above.
[[nodiscard]] Result<std::string> encode_pgp_request(const PgpRequest& request);
/// Errors: Code::internal for a malformed request.
[[nodiscard]] Result<PgpRequest> decode_pgp_request(std::string_view data);

[[nodiscard]] std::string encode_pgp_answer(const std::vector<PgpVerdict>& verdicts);
[[nodiscard]] std::string encode_pgp_failure(const Error& error);
/// Exactly `pairs` verdicts; a good one has a full fingerprint and a hash. Errors: the failure
/// reported, or Code::refused when the answer is malformed.
[[nodiscard]] Result<std::vector<PgpVerdict>> decode_pgp_answer(std::string_view data,
                                                                std::size_t pairs);

}  // namespace sifguard
