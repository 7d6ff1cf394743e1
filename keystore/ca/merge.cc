// Two states of the same CA made one. The owner of the keystore, on the CA's host.
#include "keystore/ca/merge.h"

#include <openssl/err.h>

#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

/// Whether a certificate of an authority was revoked, and until when it holds.
struct Standing {
  bool is_revoked = false;
  std::int64_t until = 0;
};
Result<Standing> standing_of(X509* certificate, const CaIndex& index) {
  SG_TRY(const std::string serial, serial_of(certificate));
  const IssuedCertificate* const known = index.find(serial);
  return Standing{known != nullptr && known->revoked_at > 0,
                  unix_time(X509_get0_notAfter(certificate)).value_or(0)};
}

Status carry_certificates(const Keystore& from, const Keystore& to, const CaIndex& index) {
  for (const IssuedCertificate& one : index.issued) {
    if (has_ca_certificate(to, one.serial)) continue;
    const auto pem = read_ca_certificate(from, one.serial);
    if (pem) SG_CHECK(write_ca_certificate(to, one.serial, *pem));  // adopted: no file
  }
  return {};
}

/// The keys are the same, and where they are in `to` is what the restore wants.
Status carry_renewed(const Keystore& from, const Keystore& to, const CaIndex& index) {
  SG_TRY(const auto names, authority_names(to));
  for (const std::string& name : names) {
    const auto theirs = read_authority_certificate(from, name);
    if (!theirs || !parse_one_certificate(*theirs)) continue;  // damaged: a restore is to mend it
    SG_TRY(AuthorityEntry entry, read_authority(to, name));
    SG_TRY(const bool better, is_better_certificate(*theirs, entry.certificate_pem, index));
    if (!better) continue;
    entry.certificate_pem = *theirs;
    SG_CHECK(write_authority(to, entry));
  }
  return {};
}

}  // namespace

Result<bool> is_better_certificate(const std::string& theirs, const std::string& own,
                                   const CaIndex& index) {
  if (theirs == own) return false;
  SG_TRY(const Certificate ours, parse_one_certificate(own));
  SG_TRY(const Certificate other, parse_one_certificate(theirs));
  const bool same_key =
      EVP_PKEY_eq(X509_get0_pubkey(ours.get()), X509_get0_pubkey(other.get())) == 1;
  ERR_clear_error();
  if (!same_key) return false;
  SG_TRY(const Standing now, standing_of(ours.get(), index));
  SG_TRY(const Standing then, standing_of(other.get(), index));
  return now.is_revoked != then.is_revoked ? now.is_revoked : then.until > now.until;
}

Status carry_ca_over(const Keystore& from, const Keystore& to) {
  SG_TRY(const auto theirs, read_ca_index(from));
  SG_TRY(const auto own, read_ca_index(to));
  if (!theirs || !own) return {};
  SG_TRY(const CaCertificates before, ca_certificates(from));
  SG_TRY(const CaCertificates after, ca_certificates(to));
  if (before.root != after.root) return {};
  SG_TRY(const CaIndex known, parse_ca_index(*theirs, ca_index_path(from)));
  SG_TRY(CaIndex index, parse_ca_index(*own, ca_index_path(to)));
  (void)merge_ca_index(index, known);
  SG_CHECK(carry_certificates(from, to, index));
  SG_CHECK(carry_renewed(from, to, index));
  return save_ca_index(to, index);
}

}  // namespace sifguard
