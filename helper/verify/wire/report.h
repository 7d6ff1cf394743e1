// The report of `sifguard-verifier` to root about an image: its structure and codec.
//
// The sandboxed verifier encodes it, and root decodes it and trusts nothing: every count, length,
// enumeration and reference is checked again. A verifier that a hostile image has taken over could
// report false facts, but could not corrupt root's parsing.
//
// Layout (bytes.h): magic "SGVR", version u8 = 4, kind u8 (1 facts, 2 failure); then for facts the
// fields of VerifierReport in order, lists as u32 count and elements; for a failure the record of
// failure_record.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helper/verify/wire/image_parts.h"
#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::uint32_t kMaxObjects = 4096;           ///< as sif::kMaxDescriptors
inline constexpr std::uint32_t kMaxSignatures = 64;          ///< reported; more are refused
inline constexpr std::uint32_t kMaxSignatureSize = 1 << 20;  ///< of one signature object
inline constexpr std::uint32_t kMaxSignatureBytes =
    2 << 20;  ///< of all signature objects together; also of all texts
inline constexpr std::uint32_t kMaxNote = 512;
inline constexpr std::uint32_t kMaxKeyHint = 128;
inline constexpr std::size_t kMaxDsseSignatures = 16;    ///< of one envelope
inline constexpr std::uint32_t kMaxOciLayers = 128;      ///< as sif::kMaxOciLayers
inline constexpr std::uint32_t kMaxOciWords = 4096;      ///< as sif::kMaxOciWords
inline constexpr std::uint32_t kMaxOciText = 128 << 10;  ///< as sif::kMaxOciText
inline constexpr std::size_t kMaxReport = 4 << 20;       ///< encoded

/// RLIMIT_AS of `sifguard-verifier`: shared libraries take 16 MiB of it, buffers 10, stacks 2.
inline constexpr std::uint64_t kVerifierMemory = std::uint64_t{64} << 20U;

/// How a signature's statement compares with the image; the signature itself has not been checked.
enum class StatementStatus : std::uint8_t {
  fits = 1,
  does_not_fit = 2,  ///< some digest in it is not that of the image
  malformed = 3,
  weak = 4,         ///< digests other than SHA-256, SHA-384 or SHA-512
  unsupported = 5,  ///< a form that is not supported
};

/// One signature. Those of a DSSE envelope share object, group, statement and text, and follow each
/// other.
struct SignatureReport {
  std::uint32_t object_id = 0;
  std::uint32_t group_id = 0;  ///< group that it, or its object (legacy), is linked to; 0 = none
  SignatureForm form = SignatureForm::openpgp;
  StatementStatus statement = StatementStatus::malformed;
  bool header_fits = false;  ///< always false for the legacy form, which does not cover the header
  std::string note;          ///< what is wrong, as one printable clause; or empty
  std::string claimed;       ///< fingerprint in the descriptor; never for identity
  std::vector<std::uint32_t> covered;  ///< objects of the group whose digests match, ascending
  /// The detached pair that must be checked cryptographically; only for `fits` and `does_not_fit`.
  std::string signed_text;
  std::string signature;
  std::string key_hint;  ///< DSSE: the envelope's keyid; never for identity
};

struct VerifierReport {
  std::uint64_t image_size = 0;
  std::vector<GroupFact> groups;         ///< ascending ids
  std::vector<std::uint32_t> ungrouped;  ///< ascending
  std::uint32_t primary_partition_id = 0;
  std::int32_t primary_fstype = 0;
  PartitionFact primary;
  std::string architecture;
  std::optional<CryptoMessageFact> message;
  std::optional<OciFact> oci;  ///< then there is no primary partition and no message
  std::vector<SignatureReport> signatures;
};

[[nodiscard]] std::string encode_report(const VerifierReport& report);

/// The report of a verifier that could not examine the image (failure_record.h).
[[nodiscard]] std::string encode_report_failure(const Error& error);

/// `image_size` is the size that root itself knows. Errors: the verifier's own failure with its
/// code, or Code::refused when the report is malformed.
[[nodiscard]] Result<VerifierReport> decode_report(std::string_view data, std::uint64_t image_size);

}  // namespace sifguard
