// Which signatures of a signer count now, according to its state (store/signer_state.h), the expiry
// of an OpenPGP key, and how a launch judges a certificate (x509/certificate_check.h). The owner of
// the keystore, in `sifctl`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {

struct SignerStanding {
  enum class Counts {
    all,
    older,
    none
  };  ///< older: only those from before it was retired or revoked
  Counts counts = Counts::all;
  /// "active", "retired", "revoked", "revoked (CRL)", "revoked (OCSP)", "expired", "not yet valid",
  /// "cannot sign", "untrusted", "revocation unknown", "unusable".
  std::string word = "active";
  std::string why;  ///< a clause without subject; empty if all count
  /// The first second from which none counts if nothing is renewed; 0: no end is known.
  std::int64_t until = 0;
};

class SignerStandings {
 public:
  /// `all`: every signer of the keystore. `all` and `keystore` must outlive this object. The rules
  /// for certificates are read when the first certificate is judged.
  SignerStandings(const Keystore& keystore, const std::vector<SignerRecord>& all,
                  Revocation revocation, std::int64_t now, std::string without = {});

  [[nodiscard]] SignerStanding of(const SignerRecord& signer);
  /// Why the rules for certificates cannot be used, so that no launch accepts any certificate. Only
  /// set after a certificate was judged.
  [[nodiscard]] const std::optional<Error>& broken() const noexcept { return broken_; }

 private:
  [[nodiscard]] SignerStanding find(const SignerRecord& signer);
  [[nodiscard]] SignerStanding of_certificate(const SignerRecord& signer);
  [[nodiscard]] SignerStanding judged(const std::string& pem, const CertificateRules& rules);
  [[nodiscard]] const CertificateRules* rules();
  [[nodiscard]] bool is_revoked_by_lists(const std::string& pem);
  [[nodiscard]] const SignerRecord* ended_key(const std::string& spki) const;

  const Keystore& keystore_;
  const std::vector<SignerRecord>& all_;
  Revocation revocation_;
  std::int64_t now_;
  std::string without_;
  std::map<std::string, SignerStanding>
      found_;  ///< by id, because many bindings name the same signer
  std::optional<CertificateRules> rules_;
  std::optional<Error> broken_;
};

}  // namespace sifguard
