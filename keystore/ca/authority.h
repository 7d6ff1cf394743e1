// The certification authority of a keystore: a root and, if requested, an intermediate that issues
// in its place. The owner of the keystore, on the CA's host.
//
// Every change is made under the keystore's lock, and is in the index before anybody gets the
// certificate: a crash can lose a certificate that nobody has, but never the record of one that
// somebody has. Every certificate is checked before it is issued: it must chain to the root by the
// same code that nodes use.
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
  KeyAlgorithm algorithm = KeyAlgorithm::p384;  ///< of new keys
  std::string token, intermediate_token;        ///< PKCS#11 URIs of existing keys; "": make one
  std::string subject;
  int days = 3650;
  std::string intermediate;  ///< its subject; "" for none
  int intermediate_days = 1825;
  std::optional<int> path_length;  ///< of the root; by default as long as needed here
  std::vector<std::string> permitted, excluded;
  std::string crl_url, ocsp_url;
};
/// PEM certificates.
struct CaCertificates {
  std::string root;
  std::string intermediate;  ///< "" if there is none
};
/// Checks the options as init_ca() does, before anything is made. Errors: Code::usage.
Status check_ca_options(const CaOptions& options);
/// Errors: Code::usage when there already is a CA, or for invalid options; those of CaKey.
[[nodiscard]] Result<CaCertificates> init_ca(const Keystore& keystore, const CaOptions& options,
                                             std::int64_t now);

/// Errors: Code::config without a CA.
[[nodiscard]] Result<CaCertificates> ca_certificates(const Keystore& keystore);
[[nodiscard]] Result<CaIndex> ca_index(const Keystore& keystore);
/// Errors: Code::config when the index has an intermediate CA that is missing: only the root would
/// then issue certificates and lists, which nobody would look for.
Status check_complete(const Keystore& keystore, const CaIndex& index);
/// check_complete(), and that the index and the root can be read. Errors: Code::config, also
/// without a CA.
Status check_whole(const Keystore& keystore);
/// Requires the keystore's lock.
Status save_ca_index(const Keystore& keystore, const CaIndex& index);

struct IssueOptions {
  Profile profile = Profile::user;
  std::string name;     ///< is_name()
  std::string subject;  ///< "": that of the issuer with the CN replaced by `name`
  std::vector<std::string> names;
  std::optional<int> days;  ///< absent: default_days()
  const EVP_PKEY* key = nullptr;
  RecordOptions record = {};
};
struct Issued {
  IssuedCertificate record;
  std::string pem;
  bool superseded = false;  ///< the certificate that it renews was revoked by this
};
/// Issues a certificate, by the intermediate if there is one. A certificate never outlasts its
/// issuer. Errors: Code::usage; Code::refused for a weak or compromised key, or names that name
/// constraints forbid.
[[nodiscard]] Result<Issued> issue_certificate(const Keystore& keystore,
                                               const IssueOptions& options, std::int64_t now);
/// The root issues a new certificate for the intermediate's key; certificates of the intermediate
/// are valid under either. Errors: Code::usage if it was revoked for a reason other than
/// superseded; Code::config without an intermediate.
[[nodiscard]] Result<Issued> renew_intermediate(const Keystore& keystore, int days,
                                                std::int64_t now,
                                                const RecordOptions& options = {});
/// Issues a certificate of an OCSP responder by the named authority; admins cannot request one.
[[nodiscard]] Result<Issued> issue_responder(const Keystore& keystore, const std::string& authority,
                                             const EVP_PKEY* key, std::int64_t now);

/// `what`: a serial number (colons and 0x allowed), a prefix of 8 digits or more, or a PEM
/// certificate. A certificate that an authority here signed but that the index lacks (it was
/// restored from a backup that is too old) is added to `index`, and `adopted` is set. Errors:
/// Code::usage, Code::refused.
struct FoundCertificate {
  IssuedCertificate* record;
  bool adopted;
};
[[nodiscard]] Result<FoundCertificate> find_certificate(const Keystore& keystore, CaIndex& index,
                                                        std::string_view what);

struct RevokedCertificate {
  IssuedCertificate record;
  bool changed;  ///< false: it was already revoked
  bool adopted;
  std::size_t of_same_key;  ///< how many other certificates of its key were revoked with it
};
/// `reason`: one of key_state.h. A compromise concerns the key: all certificates of the key are
/// revoked. For an intermediate CA, all certificates of its key are revoked for any reason but
/// "superseded". With `dry_run` nothing is changed. Errors: Code::usage.
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
/// Makes a list for the named authority, or for each; thisUpdate is kClockSkew ago. The numbers
/// only grow, even after a restored backup, because they are at least the time. Errors:
/// Code::usage.
[[nodiscard]] Result<std::vector<MadeCrl>> make_crls(const Keystore& keystore,
                                                     const std::string& authority, int days,
                                                     std::int64_t now);

/// Removes from the index certificates that expired before `before` and, if revoked, are on a list
/// that was made after they expired. Their serial number stays, and their key if it was
/// compromised. With `dry_run` nothing is changed.
[[nodiscard]] Result<std::vector<IssuedCertificate>> purge_expired(const Keystore& keystore,
                                                                   std::int64_t before,
                                                                   bool dry_run);

/// For the other files of this folder. Checks that there is an intermediate, and that `what`,
/// unless empty, is a certificate of its key and not of another CA below the root. Errors:
/// Code::usage.
Status check_renews_own(const Keystore& keystore, CaIndex& index, std::string_view what);
/// For the other files of this folder. Adds the certificate that `options` renews to `index` if it
/// is missing, and revokes it if it is superseded. Returns whether a certificate was revoked in
/// `index`.
[[nodiscard]] Result<bool> take_up_renewed(const Keystore& keystore, CaIndex& index,
                                           const RecordOptions& options, std::int64_t now);
[[nodiscard]] Result<Issuer> load_issuer(const Keystore& keystore, const std::string& authority);

}  // namespace sifguard
