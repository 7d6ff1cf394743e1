// The certificates of the CA's OCSP responders. The owner of the keystore, in `sifctl`.
#include "keystore/ca/responder.h"

#include <openssl/err.h>

#include "keystore/base/contains.h"
#include "keystore/ca/authority_certificate.h"
#include "keystore/ca/key_algorithm.h"
#include "keystore/x509/asn1_time.h"
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

Result<ResponderState> state_of_responder(const Keystore& keystore, const CaIndex& index,
                                          const std::string& authority, std::int64_t now) {
  ResponderState state{authority};
  SG_TRY(const auto names, authority_names(keystore));
  const std::string name = responder_name(authority);
  if (!contains(names, name)) return state;
  SG_TRY(const Certificate own, authority_certificate(keystore, authority));
  const auto responder = authority_certificate(keystore, name);
  if (!responder && responder.error().code() == Code::config) return state;  // is made anew
  if (!responder) return tl::unexpected(responder.error());
  SG_TRY(const bool good, is_good(responder->get(), own.get(), index));
  state.works = good && is_young(responder->get(), now, 1);
  state.is_due = !good || !is_young(responder->get(), now, 2);
  return state;
}

/// The certificate is in the index before it is put here.
Status renew(const Keystore& keystore, const std::string& authority, std::int64_t now) {
  SG_TRY(const Pkey key, generate_key(KeyAlgorithm::p256));
  SG_TRY(const Issued issued, issue_responder(keystore, authority, key.get(), now));
  AuthorityEntry entry;
  entry.name = responder_name(authority);
  entry.certificate_pem = issued.pem;
  SG_TRY(entry.private_key, private_key_pem(key.get(), nullptr));
  SG_TRY(const FileLock held, keystore.lock());
  return write_authority(keystore, entry);
}

}  // namespace

std::string responder_name(const std::string& authority) {
  return "ocsp-" + authority;
}

Result<std::vector<ResponderState>> responder_states(const Keystore& keystore, std::int64_t now) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const CaIndex index, ca_index(keystore));
  std::vector<ResponderState> all;
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    if (name == kIntermediateAuthority && own.intermediate.empty()) continue;
    SG_TRY(ResponderState one, state_of_responder(keystore, index, name, now));
    all.push_back(std::move(one));
  }
  return all;
}

namespace {

/// Trouble with the CA's key, which may lie in a token (token_key.h).
bool is_away(const Error& error) {
  return error.code() == Code::unavailable || error.code() == Code::absent ||
         error.code() == Code::config;
}

}  // namespace

Result<std::vector<std::string>> renew_responders(const Keystore& keystore, std::int64_t now) {
  SG_TRY(const auto states, responder_states(keystore, now));
  std::vector<std::string> notes;
  for (const ResponderState& one : states) {
    if (!one.is_due) continue;
    const auto renewed = renew(keystore, one.authority, now);
    if (renewed) continue;
    if (!is_away(renewed.error()) || !one.works) return tl::unexpected(renewed.error());
    notes.push_back("the responder of the " + one.authority +
                    " CA is not renewed: " + renewed.error().line());
  }
  return notes;
}

}  // namespace sifguard
