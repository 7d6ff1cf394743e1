// The keys of an OCSP responder. Runs as the owner of the keystore.
#include "keystore/ocsp/responder_keys.h"

#include <openssl/err.h>

#include <algorithm>

#include "keystore/x509/asn1_time.h"
#include "keystore/x509/chain.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

/// Whether less than `part` of its time is over.
bool is_young(const X509* certificate, std::int64_t now, std::int64_t part) {
  const auto from = unix_time(X509_get0_notBefore(certificate));
  const auto until = unix_time(X509_get0_notAfter(certificate));
  return from && until && *from <= now && now < *from + (*until - *from) / part;
}

/// That it is of this authority, as it may not be where another CA was, and was not revoked.
Result<bool> is_good(X509* certificate, X509* authority, const CaIndex& index) {
  SG_TRY(const std::string serial, serial_of(certificate));
  const IssuedCertificate* const known = index.find(serial);
  const bool is_ours = X509_check_issued(authority, certificate) == X509_V_OK &&
                       X509_verify(certificate, X509_get0_pubkey(authority)) == 1;
  ERR_clear_error();
  return is_ours && (known == nullptr || known->revoked_at == 0);
}

/// The certificate is in the index before it is put here.
Status renew(const Keystore& keystore, const std::string& authority, const std::string& entry_name,
             std::int64_t now) {
  SG_TRY(const Pkey key, generate_key(KeyAlgorithm::p256));
  SG_TRY(const Issued issued, issue_responder(keystore, authority, key.get(), now));
  AuthorityEntry entry;
  entry.name = entry_name;
  entry.certificate_pem = issued.pem;
  SG_TRY(entry.private_key, private_key_pem(key.get(), nullptr));
  SG_TRY(const FileLock held, keystore.lock());
  return write_authority(keystore, entry);
}

/// Sets `one.responder`, and `one.note` if need be.
Status find_responder(const Keystore& keystore, const CaIndex& index, OcspAuthority& one,
                      std::int64_t now) {
  const std::string name = "ocsp-" + one.name;
  SG_TRY(const auto names, authority_names(keystore));
  bool is_there = std::find(names.begin(), names.end(), name) != names.end();
  if (is_there) {
    SG_TRY(one.responder, load_issuer(keystore, name));
    SG_TRY(is_there, is_good(one.responder.certificate.get(), one.certificate.get(), index));
    if (is_there && is_young(one.responder.certificate.get(), now, 2)) return {};
  }
  const auto renewed = renew(keystore, one.name, name, now);
  // A CA whose key is in a token that is away cannot delegate now: the old one holds to its end.
  if (!renewed && renewed.error().code() == Code::unavailable && is_there &&
      is_young(one.responder.certificate.get(), now, 1)) {
    one.note = renewed.error().line();
    return {};
  }
  SG_CHECK(renewed);
  SG_TRY(one.responder, load_issuer(keystore, name));
  return {};
}

}  // namespace

Result<std::vector<OcspAuthority>> load_responders(const Keystore& keystore, std::int64_t now) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const CaIndex index, ca_index(keystore));
  std::vector<OcspAuthority> all;
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    const std::string& pem = name == kRootAuthority ? own.root : own.intermediate;
    if (pem.empty()) continue;
    OcspAuthority one;
    one.name = name;
    SG_TRY(one.certificate, parse_one_certificate(pem));
    SG_CHECK(find_responder(keystore, index, one, now));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace sifguard
