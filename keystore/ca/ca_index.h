// The index of a CA: everything that it issued and what became of it. Pure; the file is
// ca/index.json (store/authority_store.h), replaced as a whole under the keystore's lock.
//
// JSON, read strictly. A serial number that was ever given out stays known: what is
// purged leaves its serial and issuer behind, its revocation, and its key's digest if that was
// compromised. Version 2 has a list of those, version 3 the revocations; while there is nothing of
// it, the version before is written.
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
  std::string serial;  ///< 32 lower-case hexadecimal digits; up to 40 of an adopted one
  std::string issuer;  ///< the authority: "root", "intermediate"
  Profile profile = Profile::user;
  std::string name;                ///< is_name(): what the admin calls its holder
  std::string subject;             ///< policy/subject_name.h
  std::vector<std::string> names;  ///< general_name.h
  std::string spki;                ///< SHA-256 of the public key, 64 lower-case digits
  std::int64_t from = 0, until = 0;
  std::int64_t revoked_at = 0;  ///< Unix seconds; 0: it is not
  std::string reason;           ///< of key_state.h; empty unless revoked
};

/// Before the serial number in the name of what the index did not know: what was issued by the CA's
/// key elsewhere, or lost from the index. It may be a CA of somebody else's, too.
inline constexpr std::string_view kAdopted = "adopted-";
/// Whether it was issued for this CA's intermediate.
[[nodiscard]] bool is_own_intermediate(const IssuedCertificate& one) noexcept;

/// Whether a revocation for this reason is one of the key, whatever certificate it has.
[[nodiscard]] bool is_compromise(std::string_view reason) noexcept;
/// Whether `reason` says worse of a certificate than `other` does: a compromise (of the key, of a
/// CA, of an attribute authority) than "unspecified", that than a reason which leaves the key in
/// its owner's hands, and "superseded" least. "" is no revocation.
[[nodiscard]] bool is_worse_reason(std::string_view reason, std::string_view other) noexcept;
/// Whether its revocation for this reason is one of its key, whatever certificate that is shown
/// with. An intermediate CA's key may have several: what it signs is good under each.
[[nodiscard]] bool concerns_key(const IssuedCertificate& one, std::string_view reason) noexcept;

/// `issuer_revoked`: it was not revoked itself, but its intermediate CA was, so that it is good
/// nowhere.
enum class CertificateState { valid, expiring, expired, issuer_revoked, revoked };
[[nodiscard]] std::string_view certificate_state_name(CertificateState state) noexcept;
/// `soon`: how many seconds before its end a certificate is expiring. `intermediate_good`:
/// CaIndex::is_intermediate_good().
[[nodiscard]] CertificateState state_of(const IssuedCertificate& one, std::int64_t now,
                                        std::int64_t soon, bool intermediate_good = true) noexcept;

/// What is left of a certificate that was purged. Its revocation stays: a clock that was ahead may
/// have purged what is still valid.
struct PurgedCertificate {
  std::string serial;
  std::string issuer;
  std::int64_t until = 0;       ///< Unix seconds; 0 unless revoked
  std::int64_t revoked_at = 0;  ///< Unix seconds; 0: it was not, or an earlier version purged it
  std::string reason = {};      ///< of key_state.h; empty unless revoked
};

/// The last list of one authority.
struct LastCrl {
  std::int64_t number = 0;
  std::int64_t made = 0;
};

struct CaIndex {
  std::string crl_url;   ///< in certificates; {authority} stands for its name; "" for none
  std::string ocsp_url;  ///< likewise
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
  /// Whether this CA was made with an intermediate: a certificate of it, or anything that it issued
  /// or listed, whatever became of that.
  [[nodiscard]] bool has_intermediate() const;
  /// Whether what the intermediate issues is good at `now`: its key was not given up, and has a
  /// certificate that has neither ended nor was revoked. True where the index knows of none.
  [[nodiscard]] bool is_intermediate_good(std::int64_t now) const noexcept;
};

/// What is left of `one` when it is purged.
[[nodiscard]] PurgedCertificate purged_of(const IssuedCertificate& one);

[[nodiscard]] std::string format_ca_index(const CaIndex& index);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<CaIndex> parse_ca_index(std::string_view text, const std::string& where);

/// Adds to `index` what `other`, of the same CA, knows more: certificates, revocations, CRL
/// numbers. Nothing becomes unknown, and nothing that either says is revoked becomes good; of two
/// reasons the worse one stays, of two times the earlier; and what concerns a key concerns all its
/// certificates, also those that only the other index knows. Returns how many certificates were
/// added or revoked by it, or for a worse reason.
std::size_t merge_ca_index(CaIndex& index, const CaIndex& other);

}  // namespace sifguard
