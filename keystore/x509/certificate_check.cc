// Whether a signer's certificate may be believed. Any privilege.
#include "keystore/x509/certificate_check.h"

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/signer_key.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/revocation.h"
#include "keystore/x509/strength.h"
#include "keystore/x509/usage.h"

namespace sifguard {
namespace {

using State = RevocationFinding::State;

/// Sets what the certificate is refused for.
void refuse(CertificateVerdict& verdict, CertificateStatus status, const std::string& note) {
  verdict.status = status;
  verdict.valid_until = 0;
  verdict.note = one_line(note, kMaxVerdictNote - 8);  // names in it are escaped
}

/// Key, names and serial number: what any verdict tells.
Status describe(JudgedCertificate& judged, X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return fail_openssl(Code::refused, "its public key is malformed");
  judged.public_key.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(judged.public_key)));
  judged.verdict.spki = to_hex(digest);
  SG_TRY(judged.verdict.serial, serial_of(certificate));
  SG_TRY(judged.verdict.subject, text_of_name(X509_get_subject_name(certificate)));
  SG_TRY(judged.verdict.names, alternative_names(certificate));
  return {};
}

/// Whether chain and usage allow it to sign images; the verdict tells if not.
bool is_fit(CertificateVerdict& verdict, const Chain& chain) {
  if (chain.status != CertificateStatus::good) {
    refuse(verdict, chain.status, chain.note);
    return false;
  }
  if (const auto why = why_not_for_code_signing(chain.certificates[0].get()); !why.empty()) {
    refuse(verdict, CertificateStatus::wrong_usage, why);
    return false;
  }
  const auto forbidden =
      std::find_if(chain.certificates.begin() + 1, chain.certificates.end(),
                   [](const Certificate& ca) { return !may_issue_for_code_signing(ca.get()); });
  if (forbidden != chain.certificates.end()) {
    refuse(verdict, CertificateStatus::wrong_usage,
           "is issued by a CA that is not for code signing: " +
               shown_name(X509_get_subject_name(forbidden->get())));
    return false;
  }
  return true;
}

/// "" for the certificate itself, else the name of the one above it that is meant.
std::string whose(const Chain& chain, std::size_t i) {
  return i == 0 ? ""
                : "is issued by a CA whose certificate (" +
                      shown_name(X509_get_subject_name(chain.certificates[i].get())) + ") ";
}

void check_proofs(CertificateVerdict& verdict, const Chain& chain, const CertificateRules& rules) {
  std::int64_t until = kForever;
  for (std::size_t i = 0; i < chain.certificates.size(); ++i) {
    X509* const certificate = chain.certificates[i].get();
    const auto ends = unix_time(X509_get0_notAfter(certificate));
    if (!ends) return refuse(verdict, CertificateStatus::malformed, "has a malformed time");
    until = std::min(until, *ends);
    if (i + 1 == chain.certificates.size()) break;  // nobody revokes a root but whoever trusts it
    const RevocationFinding finding =
        check_revocation(certificate, chain.certificates[i + 1].get(), rules.revocation, rules.crls,
                         rules.ocsp, rules.now);
    if (finding.state != State::good) {
      return refuse(verdict,
                    finding.state == State::revoked ? CertificateStatus::revoked
                                                    : CertificateStatus::revocation_unknown,
                    whose(chain, i) + finding.note);
    }
    until = std::min(until, finding.valid_until);
  }
  verdict.status = CertificateStatus::good;
  verdict.valid_until = until;
}

}  // namespace

Result<JudgedCertificate> check_certificate(std::string_view pem, const CertificateRules& rules) {
  JudgedCertificate judged;
  const auto certificate = parse_one_certificate(pem);
  if (!certificate) {
    refuse(judged.verdict, CertificateStatus::malformed,
           "is malformed: " + certificate.error().what());
    return judged;
  }
  if (auto described = describe(judged, certificate->get()); !described) {
    refuse(judged.verdict, CertificateStatus::malformed,
           "is unusable: " + described.error().what());
    return judged;
  }
  SG_TRY(const Chain chain, rules.anchors.chain_of(certificate->get(), rules.now));
  if (is_fit(judged.verdict, chain)) check_proofs(judged.verdict, chain, rules);
  return judged;
}

Result<std::string> why_never_good(std::string_view pem, std::int64_t now) {
  const auto certificate = parse_one_certificate(pem);
  if (!certificate) return "is malformed: " + certificate.error().what();
  JudgedCertificate judged;
  if (auto described = describe(judged, certificate->get()); !described) {
    return "is unusable: " + described.error().what();
  }
  X509* const own = certificate->get();
  const auto from = unix_time(X509_get0_notBefore(own));
  SG_TRY(const Chain chain, chain_alone(own, std::max(now, from.value_or(now))));
  if (chain.status == CertificateStatus::expired) {
    const auto until = unix_time(X509_get0_notAfter(own));
    return "ended on " + (until ? format_utc(*until) : std::string("a malformed date"));
  }
  if (!is_fit(judged.verdict, chain)) return judged.verdict.note;
  const auto key = SignerKey::from_spki(as_bytes(judged.public_key));
  if (!key) return "has a key that cannot sign images: " + key.error().what();
  const Status strong = key->check_strong();
  return strong ? std::string() : "has a key that is too weak: " + strong.error().what();
}

}  // namespace sifguard
