// The request of sifctl to `sifguard-pgp` about a key, and its answer: codec of both messages. Any
// privilege; the answer comes from a process that has read hostile bytes, and is checked again.
//
// Layout (bytes.h): request: magic "SGMQ", version u8 = 1, added, fingerprint and stored bytes.
// Answer: magic "SGMA", version u8 = 1, kind u8; then names bytes, revocation u8, before and after
// (u8 0, or u8 1 and a key), armored bytes, u8 left_out; or a failure (failure_record.h). A key:
// fingerprint, user id and algorithm bytes, created and expires i64, revoked and expired u8, u32
// count of parts and for each fingerprint bytes, created and expires i64, revoked, expired and
// can_sign u8.
#pragma once

#include <string>
#include <string_view>

#include "keystore/crypto/openpgp_merge.h"

namespace sifguard {

inline constexpr std::uint32_t kMaxMergePart = 1 << 20;  ///< of a key, given or stored
inline constexpr std::size_t kMaxMergeRequest = (2 << 20) + 4096;
inline constexpr std::size_t kMaxMergeAnswer = 3 << 20;

/// Errors: Code::usage for a file or fingerprint that is too long.
[[nodiscard]] Result<std::string> encode_merge_request(const PgpMergeRequest& request);
/// Whether the question is one of these, and not about signatures (pgp_wire.h).
[[nodiscard]] bool is_merge_request(std::string_view data) noexcept;
/// Errors: Code::internal for a malformed request.
[[nodiscard]] Result<PgpMergeRequest> decode_merge_request(std::string_view data);

/// Errors: Code::refused when the key has become too large to be stored.
[[nodiscard]] Result<std::string> encode_merged(const PgpMerged& merged);
[[nodiscard]] std::string encode_merge_failure(const Error& error);
/// Errors: the reported failure, or Code::refused when the answer is malformed.
[[nodiscard]] Result<PgpMerged> decode_merged(std::string_view data);

}  // namespace sifguard
