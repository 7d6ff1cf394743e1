// The index of a CA: everything that it issued, and its state. Pure; the file is ca/index.json
// (store/authority_store.h), replaced as a whole under the keystore's lock.
//
// It is JSON, read strictly. A serial number that was ever issued stays known: of a purged
// certificate its serial, issuer and revocation are kept, and its key's digest if the key was
// compromised. Version 2 added a list of purged certificates, version 3 their revocations; as long
// as there are none, the older version is written.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/ca/profile.h"

namespace sifguard {

/// The authorities of a CA.
inline constexpr const char* kRootAuthority = "root";
inline constexpr const char* kIntermediateAuthority = "intermediate";

struct IssuedCertificate {
  std::string serial;  ///< 32 lower-case hexadecimal digits; up to 40 if it is adopted
  std::string issuer;  ///< the authority: "root", "intermediate"
  Profile profile = Profile::user;
  std::string name;                ///< is_name(): the admin's name for its holder
  std::string subject;             ///< policy/subject_name.h
  std::vector<std::string> names;  ///< general_name.h
  std::string spki;                ///< SHA-256 of the public key, 64 lower-case digits
  std::int64_t from = 0, until = 0;
  std::int64_t revoked_at = 0;  ///< Unix seconds; 0: it is not
  std::string reason;           ///< of key_state.h; empty unless revoked
};

/// Precedes the serial number in the name of a certificate that the index did not have: it was
/// issued with the CA's key elsewhere, or lost from the index. It may also be somebody else's CA.
inline constexpr std::string_view kAdopted = "adopted-";
/// Whether the certificate was issued for this CA's intermediate.
[[nodiscard]] bool is_own_intermediate(const IssuedCertificate& one) noexcept;

/// Whether a revocation for this reason concerns the key, whatever its certificate.
[[nodiscard]] bool is_compromise(std::string_view reason) noexcept;
/// Whether `reason` is worse than `other`. From worst to least: a compromise (of the key, of a CA,
/// of an attribute authority), "unspecified", reasons that leave the key in its owner's hands,
/// "superseded", and "", which is no revocation.
[[nodiscard]] bool is_worse_reason(std::string_view reason, std::string_view other) noexcept;
/// Whether its revocation for this reason concerns its key, whatever certificate is presented. An
/// intermediate CA's key may have several certificates, and its signatures are valid under each.
[[nodiscard]] bool concerns_key(const IssuedCertificate& one, std::string_view reason) noexcept;

/// `issuer_revoked`: it was not revoked itself, but its intermediate CA was, so that it is valid
/// nowhere.
enum class CertificateState { valid, expiring, expired, issuer_revoked, revoked };
[[nodiscard]] std::string_view certificate_state_name(CertificateState state) noexcept;
/// `soon`: how many seconds before it expires a certificate counts as expiring.
/// `intermediate_good`: CaIndex::is_intermediate_good().
[[nodiscard]] CertificateState state_of(const IssuedCertificate& one, std::int64_t now,
                                        std::int64_t soon, bool intermediate_good = true) noexcept;

/// What is kept of a certificate that was purged. Its revocation is kept because under a clock that
/// was ahead, certificates that are still valid may have been purged.
struct PurgedCertificate {
  std::string serial;
  std::string issuer;
  std::int64_t until = 0;  ///< Unix seconds; 0 unless revoked
  std::int64_t revoked_at =
      0;                    ///< Unix seconds; 0: it was not revoked, or an older version purged it
  std::string reason = {};  ///< of key_state.h; empty unless revoked
};

/// The last list of one authority.
struct LastCrl {
  std::int64_t number = 0;
  std::int64_t made = 0;
};

struct CaIndex {
  std::string crl_url;   ///< in certificates; {authority} stands for its name; "" for none
  std::string ocsp_url;  ///< the same for OCSP
  std::map<std::string, LastCrl> crls;
  std::vector<IssuedCertificate> issued;  ///< oldest first
  std::vector<PurgedCertificate> purged;
  std::set<std::string> compromised;  ///< keys of purged certificates, as IssuedCertificate::spki

  /// Null when there is none.
  [[nodiscard]] IssuedCertificate* find(std::string_view serial) noexcept;
  [[nodiscard]] const IssuedCertificate* find(std::string_view serial) const noexcept;
  /// Whether the key with this digest was revoked as compromised.
  [[nodiscard]] bool is_compromised(std::string_view spki) const noexcept;
  [[nodiscard]] bool knows(std::string_view serial) const noexcept;  ///< purged ones too
  /// Whether this CA was made with an intermediate: the index has a certificate of it, or a
  /// certificate or list that it issued, in any state.
  [[nodiscard]] bool has_intermediate() const;
  /// Whether certificates of the intermediate are valid at `now`: its key was not revoked, and has
  /// a certificate that has neither expired nor been revoked. True if the index has no
  /// intermediate.
  [[nodiscard]] bool is_intermediate_good(std::int64_t now) const noexcept;
};

/// What is kept of `one` when it is purged.
[[nodiscard]] PurgedCertificate purged_of(const IssuedCertificate& one);

[[nodiscard]] std::string format_ca_index(const CaIndex& index);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<CaIndex> parse_ca_index(std::string_view text, const std::string& where);

/// Adds to `index` what only `other`, of the same CA, has: certificates, revocations, CRL numbers.
/// Nothing is lost, and nothing that either says is revoked becomes valid; of two reasons the worse
/// one is kept, of two times the earlier one; and a revocation that concerns a key concerns all its
/// certificates, also those that only one index has. Returns how many certificates were added,
/// revoked, or given a worse reason.
std::size_t merge_ca_index(CaIndex& index, const CaIndex& other);

}  // namespace sifguard
