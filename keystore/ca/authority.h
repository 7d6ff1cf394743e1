// The certification authority of a keystore: a root and, where asked for, an intermediate that
// issues in its place. The owner of the keystore, on the CA's host.
//
// Every change is made under the keystore's lock, and is in the index before anybody gets the
// certificate: a crash can lose a certificate that nobody has, never the knowledge of one that
// somebody has. What is issued is checked first: it must chain to the root by the very code that
// nodes use.
#pragma once

#include <string>
#include <vector>

#include "keystore/ca/ca_index.h"
#include "keystore/ca/certificate_handover.h"
#include "keystore/ca/key_algorithm.h"
#include "keystore/ca/make_certificate.h"
#include "keystore/store/authority_store.h"

namespace sifguard {

struct CaOptions {
  KeyAlgorithm algorithm = KeyAlgorithm::p384;  ///< of keys that are made
  std::string token, intermediate_token;  ///< PKCS#11 URIs of keys that are there; "": make one
  std::string subject;
  int days = 3650;
  std::string intermediate;  ///< its subject; "" for none
  int intermediate_days = 1825;
  std::optional<int> path_length;  ///< of the root; by default as many as are needed here
  std::vector<std::string> permitted, excluded;
  std::string crl_url, ocsp_url;
};
/// PEM certificates.
struct CaCertificates {
  std::string root;
  std::string intermediate;  ///< "" if there is none
};
/// What init_ca() would refuse of the options themselves, before anything is made. Errors:
/// Code::usage.
Status check_ca_options(const CaOptions& options);
/// Errors: Code::usage when there is a CA already, or for what the options say; CaKey's.
[[nodiscard]] Result<CaCertificates> init_ca(const Keystore& keystore, const CaOptions& options,
                                             std::int64_t now);

/// Errors: Code::config without a CA.
[[nodiscard]] Result<CaCertificates> ca_certificates(const Keystore& keystore);
[[nodiscard]] Result<CaIndex> ca_index(const Keystore& keystore);
/// Errors: Code::config when the index knows of an intermediate CA that is not there any more: the
/// root alone would then issue, and list, what nobody looks for.
Status check_complete(const Keystore& keystore, const CaIndex& index);
/// That, the index and the root. Errors: Code::config, also without a CA.
Status check_whole(const Keystore& keystore);
/// Wants the lock held.
Status save_ca_index(const Keystore& keystore, const CaIndex& index);

struct IssueOptions {
  Profile profile = Profile::user;
  std::string name;     ///< is_name()
  std::string subject;  ///< "": that of the issuer with the CN replaced by `name`
  std::vector<std::string> names;
  std::optional<int> days;  ///< default_days() unless it says
  const EVP_PKEY* key = nullptr;
  RecordOptions record = {};
};
struct Issued {
  IssuedCertificate record;
  std::string pem;
  bool superseded = false;  ///< the one that it renews was revoked now
};
/// By the intermediate if there is one. A certificate never outlasts its issuer. Errors:
/// Code::usage; Code::refused for a weak key, a key that was compromised, or what name constraints
/// forbid.
[[nodiscard]] Result<Issued> issue_certificate(const Keystore& keystore,
                                               const IssueOptions& options, std::int64_t now);
/// A new certificate of the intermediate's key, by the root: what it issued goes on under either.
/// Errors: Code::usage if it was revoked (but as superseded); Code::config without one.
[[nodiscard]] Result<Issued> renew_intermediate(const Keystore& keystore, int days,
                                                std::int64_t now,
                                                const RecordOptions& options = {});
/// An OCSP responder's, by the authority named: not the admin's to ask for.
[[nodiscard]] Result<Issued> issue_responder(const Keystore& keystore, const std::string& authority,
                                             const EVP_PKEY* key, std::int64_t now);

/// `what`: a serial number (colons and 0x allowed), a prefix of 8 digits or more, or a PEM
/// certificate. One that an authority here signed but the index does not know (it was restored from
/// a backup that is too old) is taken into `index` and `adopted` set. Errors: Code::usage,
/// Code::refused.
struct FoundCertificate {
  IssuedCertificate* record;
  bool adopted;
};
[[nodiscard]] Result<FoundCertificate> find_certificate(const Keystore& keystore, CaIndex& index,
                                                        std::string_view what);

struct RevokedCertificate {
  IssuedCertificate record;
  bool changed;  ///< false: it was revoked already
  bool adopted;
  std::size_t of_same_key;  ///< how many others were revoked with it
};
/// `reason` of key_state.h. A compromise is one of the key: all certificates of it are revoked, and
/// so are all of an intermediate CA's key but for "superseded"; with `dry_run` they only would be.
/// Errors: Code::usage.
[[nodiscard]] Result<RevokedCertificate> revoke_certificate(const Keystore& keystore,
                                                            std::string_view what,
                                                            const std::string& reason,
                                                            std::int64_t now, bool dry_run = false);

struct MadeCrl {
  std::string authority;
  std::string pem, der;
  std::int64_t number, until;
  std::size_t revoked;
};
/// One for each authority that is named, or for all; thisUpdate is kClockSkew ago. Numbers only
/// grow, a restored backup included: they are at least the time. Errors: Code::usage.
[[nodiscard]] Result<std::vector<MadeCrl>> make_crls(const Keystore& keystore,
                                                     const std::string& authority, int days,
                                                     std::int64_t now);

/// Certificates that ended before `before` and, if they are revoked, are on a list that was made
/// after their end. They leave the index, but for their serial, and their key if it was
/// compromised; with `dry_run` they only would.
[[nodiscard]] Result<std::vector<IssuedCertificate>> purge_expired(const Keystore& keystore,
                                                                   std::int64_t before,
                                                                   bool dry_run);

/// For the other files of this folder. That there is an intermediate, and that `what`, unless it is
/// empty, is a certificate of its key and not of another CA below the root. Errors: Code::usage.
Status check_renews_own(const Keystore& keystore, CaIndex& index, std::string_view what);
/// For the other files of this folder. Whether a certificate was revoked in `index`.
[[nodiscard]] Result<bool> take_up_renewed(const Keystore& keystore, CaIndex& index,
                                           const RecordOptions& options, std::int64_t now);
[[nodiscard]] Result<Issuer> load_issuer(const Keystore& keystore, const std::string& authority);

}  // namespace sifguard
