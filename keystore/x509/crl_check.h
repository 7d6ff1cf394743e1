// Certificate revocation lists (RFC 5280 5, 6.3) at hand, and what they say about a certificate.
// Any privilege; the lists are hostile, the issuer's certificate is verified.
//
// A list counts when the certificate's own issuer signed it with a strong algorithm and may do so
// (key usage cRLSign), it is fresh (thisUpdate not after now, but for kClockSkew; nextUpdate there
// and after now), it is neither indirect nor a delta nor for some reasons only, and neither it nor
// an entry has an unknown critical extension. A list with a narrower scope (issuing distribution
// point) proves nothing for certificates outside of it.
//
// A revocation is for good, but for certificateHold (RFC 5280 5.3.1): once the issuer has signed
// it, it counts however old the list is, whatever its scope, and whatever newer lists leave out
// (X.509 8.5: what cannot be understood may limit what a list proves, but not what it revokes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/x509/handles.h"

namespace sifguard {

struct RevocationFinding {
  enum class State { good, revoked, unknown };
  State state = State::unknown;
  std::int64_t valid_until = 0;  ///< good: when the proof ends, Unix seconds
  std::string note;              ///< not good: a clause without subject ("is revoked")
};

class CrlSet {
 public:
  /// PEM (one or more "X509 CRL" each) or DER. A malformed list is left out, and remembered for
  /// notes: it may be another CA's.
  [[nodiscard]] static CrlSet parse(const std::vector<std::string>& lists);

  /// What the lists say about `certificate`, issued by `issuer`, at `now`, Unix seconds.
  [[nodiscard]] RevocationFinding find(X509* certificate, X509* issuer, std::int64_t now) const;

  /// Whether one of the lists goes by the name of `issuer`.
  [[nodiscard]] bool has_list_of(X509* issuer) const;
  /// "" when there is a list of `issuer` that counts for some certificate while it is fresh; else
  /// why there is none, a clause without subject ("is not signed by its issuer").
  [[nodiscard]] std::string why_useless(X509* issuer) const;

 private:
  struct List {
    CertificateRevocationList crl;
    std::string partial;  ///< why_partial()
    bool indirect = false;
    /// Signature checks already made: they cost as much as the list is long.
    mutable std::vector<std::pair<Certificate, std::string>> signers;
  };
  /// "" when `issuer` signed it as it may.
  static const std::string& why_not_signed(const List& list, X509* issuer);
  void add(CertificateRevocationList crl);

  std::vector<List> lists_;
  std::size_t malformed_ = 0;
};

}  // namespace sifguard
