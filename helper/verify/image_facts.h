// What verification found about one image's bytes: facts, no judgement. Plain data.
//
// Facts are cached by content digest; judge() (helper/verify/judge.h) compares them with a Decision
// at every launch, so that a verdict under one binding is never used for another. Trusted facts are
// of type ExaminedFacts (examined_facts.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helper/verify/wire/image_parts.h"
#include "keystore/base/error.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

enum class SignatureStatus : std::uint8_t {
  good = 1,  ///< key good, statement well-formed, every digest in it matches the image
  bad = 2,   ///< made by a given key but wrong: bad cryptography or digests that do not match
  unknown_key = 3,
  expired = 4,
  revoked = 5,
  weak = 6,
  malformed = 7,
  unsupported = 8,
};

/// A name that a good certificate gives to the key of a signature.
struct CertifiedName {
  std::string id;                ///< "x509:…", see keystore/policy/signer_id.h
  std::int64_t valid_until = 0;  ///< of certificate, chain and revocation data; 0 = unbounded
};

struct SignatureFact {
  std::uint32_t object_id = 0;  ///< id of the signature object; a DSSE envelope may hold several
  std::uint32_t group_id =
      0;  ///< group that it is linked to, or that of the object that it is linked to; 0 = none
  SignatureForm form = SignatureForm::openpgp;
  SignatureStatus status = SignatureStatus::malformed;
  /// Who made it: primary fingerprint or "spki:…", only from cryptography; or empty.
  std::string signer;
  /// The names that certificates give to that key *now*: add_certified_names() adds them at each
  /// launch; they are never cached.
  std::vector<CertifiedName> certified;
  std::string hash;                    ///< of the signature
  std::int64_t made = 0;               ///< Unix seconds; 0 = not stated (DSSE)
  std::int64_t valid_until = 0;        ///< 0 = unbounded
  std::vector<std::uint32_t> covered;  ///< ids of objects it covers, each digest checked
  std::string note;                    ///< why it is not good, as one printable clause; or empty
  /// The status of a certificate for the key if that certificate is not good, else `good`; like
  /// `certified`, never cached.
  CertificateStatus uncertified = CertificateStatus::good;
};

struct ImageFacts {
  std::uint64_t image_size = 0;
  std::vector<GroupFact> groups;
  std::vector<std::uint32_t> ungrouped;  ///< in-use, non-signature objects without a group
  std::vector<SignatureFact> signatures;
  std::uint32_t primary_partition_id = 0;
  std::int32_t primary_fstype = 0;           ///< as in the descriptor: 1 squashfs … 6 gocryptfs
  PartitionFact primary;                     ///< inside the image
  std::string architecture;                  ///< Go name, "amd64"
  std::optional<CryptoMessageFact> message;  ///< only if the image is encrypted for a key
  std::optional<OciFact> oci;                ///< of an OCI-SIF, which has no primary partition
};

enum class Encryption : std::uint8_t { none, for_key, with_passphrase };
/// How the primary partition is encrypted.
[[nodiscard]] Encryption encryption_of(const ImageFacts& facts) noexcept;

/// "openpgp", "dsse", "legacy"; "good", "bad", "unknown_key", …: in JSON and in messages.
[[nodiscard]] std::string_view form_name(SignatureForm form) noexcept;
[[nodiscard]] std::string_view status_name(SignatureStatus status) noexcept;

/// JSON for the root-owned cache, without certified names; facts_from_json() reads it.
[[nodiscard]] std::string facts_to_json(const ImageFacts& facts);

}  // namespace sifguard
