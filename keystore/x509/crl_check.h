// A set of certificate revocation lists (RFC 5280 5, 6.3), and what they say about a certificate.
// Any privilege; the lists are hostile, the issuer's certificate is verified.
//
// A list counts if the certificate's own issuer signed it with a strong algorithm and may do so
// (key usage cRLSign); if it is fresh (thisUpdate at most kClockSkew after now; nextUpdate present
// and after now); if it is neither indirect nor a delta nor limited to some reasons; and if neither
// it nor an entry has an unknown critical extension. A list with a narrower scope (issuing
// distribution point) proves nothing for certificates outside of it.
//
// A revocation is permanent, except for certificateHold (RFC 5280 5.3.1): once the issuer has
// signed it, it counts however old the list is, whatever its scope, and even if newer lists omit it
// (X.509 8.5: unknown extensions may limit what a list proves, but not what it revokes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/x509/handles.h"

namespace sifguard {

struct RevocationFinding {
  enum class State { good, revoked, unknown };
  State state = State::unknown;
  std::int64_t valid_until = 0;  ///< if good: when the proof expires, Unix seconds
  std::string note;              ///< if not good: a clause without subject ("is revoked")
};

class CrlSet {
 public:
  /// PEM (one or more "X509 CRL" each) or DER. A malformed list is left out and mentioned in notes,
  /// because it may be another CA's.
  [[nodiscard]] static CrlSet parse(const std::vector<std::string>& lists);

  /// What the lists say about `certificate`, issued by `issuer`, at `now`, Unix seconds.
  [[nodiscard]] RevocationFinding find(X509* certificate, X509* issuer, std::int64_t now) const;

  /// Whether one of the lists has the name of `issuer`.
  [[nodiscard]] bool has_list_of(X509* issuer) const;
  /// "" when there is a list of `issuer` that counts for some certificate while it is fresh; else
  /// why there is none, as a clause without subject ("is not signed by its issuer").
  [[nodiscard]] std::string why_useless(X509* issuer) const;

 private:
  struct List {
    CertificateRevocationList crl;
    std::string partial;  ///< why_partial()
    bool indirect = false;
    /// Results of signature checks, whose cost grows with the length of the list.
    mutable std::vector<std::pair<Certificate, std::string>> signers;
  };
  /// "" when `issuer` signed it and may do so.
  static const std::string& why_not_signed(const List& list, X509* issuer);
  void add(CertificateRevocationList crl);

  std::vector<List> lists_;
  std::size_t malformed_ = 0;
};

}  // namespace sifguard
