// What an OCSP responder answers. Unprivileged.
#include "keystore/ocsp/answers.h"

#include <openssl/err.h>

#include <algorithm>
#include <map>

#include "keystore/base/text.h"
#include "keystore/ca/asn1_number.h"
#include "keystore/ca/key_algorithm.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxSerialBytes = 20;
/// A name has four usual spellings (two hashes, with and without NULL); others are not worth
/// keeping.
constexpr std::size_t kSpellings = 4;
constexpr std::size_t kMaxName = 160;
constexpr std::int64_t kUnknownSeconds = 300;

std::string der_of(OCSP_RESPONSE* response) {
  unsigned char* der = nullptr;
  const int size = response == nullptr ? 0 : i2d_OCSP_RESPONSE(response, &der);
  std::string text;
  if (size > 0) text.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

OcspReply without_answer(int status) {
  ERR_clear_error();
  return {der_of(OcspResponse(OCSP_response_create(status, nullptr)).get())};
}

/// As the index writes it; "" for what no CA gives out.
std::string serial_of_id(OCSP_CERTID* id) {
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id) != 1) return {};
  const Digits number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number || BN_is_negative(number.get()) == 1) return {};
  std::vector<std::byte> bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  if (bytes.empty() || bytes.size() > kMaxSerialBytes) return {};
  BN_bn2bin(number.get(), writable_octets(bytes));
  return to_hex(bytes);
}

std::string der_of_id(const OCSP_CERTID* id) {
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_CERTID(id, &der);
  std::string text;
  if (size > 0) text.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

/// When the key of an authority was compromised; 0 if it was not.
std::int64_t compromised_at(const CaIndex& index, const X509* authority) {
  const auto spki = spki_digest(X509_get0_pubkey(authority));
  std::int64_t at = 0;
  for (const IssuedCertificate& one : index.issued) {
    if (!spki || one.spki != *spki || one.revoked_at == 0 || !is_compromise(one.reason)) continue;
    at = at == 0 ? one.revoked_at : std::min(at, one.revoked_at);
  }
  return at;
}

}  // namespace

OcspAnswers::OcspAnswers(std::vector<OcspAuthority> authorities, std::int64_t validity)
    : authorities_(std::move(authorities)), validity_(validity) {
  for (const OcspAuthority& authority : authorities_) {
    for (const EVP_MD* hash : {EVP_sha256(), EVP_sha1()}) {
      OcspCertificateId id(
          OCSP_cert_id_new(hash, X509_get_subject_name(authority.certificate.get()),
                           X509_get0_pubkey_bitstr(authority.certificate.get()), nullptr));
      if (id) places_.push_back({std::move(id), &authority});
    }
  }
}

Status OcspAnswers::check_responders(const CaIndex& index) const {
  for (const OcspAuthority& authority : authorities_) {
    SG_TRY(const std::string serial, serial_of(authority.responder.certificate.get()));
    const IssuedCertificate* const own = index.find(serial);
    if (own == nullptr || own->revoked_at == 0) continue;
    return fail(Code::temporary,
                "the certificate " + serial + " of the responder of the " + authority.name +
                    " CA was revoked (" + own->reason + ")",
                "start the responder again: it gets a new key and certificate then");
  }
  return {};
}

Status OcspAnswers::use(const CaIndex& index) {
  ready_ = false;
  known_.clear();
  signed_.clear();
  SG_CHECK(check_responders(index));
  std::map<std::string, std::int64_t> compromised;
  for (const OcspAuthority& one : authorities_) {
    compromised[one.name] = compromised_at(index, one.certificate.get());
  }
  known_.reserve(index.issued.size());
  for (const IssuedCertificate& one : index.issued) {
    Known known{one.issuer, one.revoked_at, crl_reason(one.reason)};
    // Whoever has its CA's key may have signed it (RFC 6960 2.7).
    if (known.revoked_at == 0 && compromised[one.issuer] > 0) {
      known = {one.issuer, compromised[one.issuer], crl_reason("cACompromise")};
    }
    known_.emplace(one.serial, std::move(known));
  }
  for (const PurgedCertificate& one : index.purged) {
    if (one.revoked_at == 0) continue;
    known_.emplace(one.serial, Known{one.issuer, one.revoked_at, crl_reason(one.reason)});
  }
  ready_ = true;
  return {};
}

const OcspAuthority* OcspAnswers::authority_of(const std::vector<OCSP_CERTID*>& ids) const {
  const OcspAuthority* found = nullptr;
  for (OCSP_CERTID* const id : ids) {
    const auto place = std::find_if(places_.begin(), places_.end(), [&](const Place& one) {
      return OCSP_id_issuer_cmp(one.id.get(), id) == 0;
    });
    if (place == places_.end() || (found != nullptr && found != place->authority)) return nullptr;
    found = place->authority;
  }
  return found;
}

const OcspAnswers::Known* OcspAnswers::find(OCSP_CERTID* id, const OcspAuthority& authority) const {
  const auto found = known_.find(serial_of_id(id));
  const bool ours = found != known_.end() && found->second.issuer == authority.name;
  return ours ? &found->second : nullptr;
}

OcspReply OcspAnswers::sign(const OcspRequest& request, const OcspAuthority& authority,
                            std::int64_t now) const {
  const Issuer& responder = authority.responder;
  const auto end = unix_time(X509_get0_notAfter(responder.certificate.get()));
  if (!end || *end <= now) return without_answer(OCSP_RESPONSE_STATUS_TRYLATER);
  const bool knows_all = std::all_of(request.ids.begin(), request.ids.end(), [&](OCSP_CERTID* id) {
    return find(id, authority) != nullptr;
  });
  const std::int64_t seconds = knows_all ? validity_ : std::min(validity_, kUnknownSeconds);
  const std::int64_t until = std::min(now + seconds, *end);
  const auto from = asn1_time(now);
  const auto next = asn1_time(until);
  const OcspBasicResponse basic(OCSP_BASICRESP_new());
  bool good = basic && from && next;
  for (OCSP_CERTID* const id : request.ids) {
    const Known* const known = good ? find(id, authority) : nullptr;
    const bool revoked = known != nullptr && known->revoked_at > 0;
    const int status = revoked            ? V_OCSP_CERTSTATUS_REVOKED
                       : known != nullptr ? V_OCSP_CERTSTATUS_GOOD
                                          : V_OCSP_CERTSTATUS_UNKNOWN;
    const auto at = asn1_time(revoked ? std::min(known->revoked_at, now) : now);
    // 0, unspecified, is better left out (RFC 5280 5.3.1), which -1 does.
    const int reason = revoked && known->reason != 0 ? known->reason : -1;
    good = good && at &&
           OCSP_basic_add1_status(basic.get(), id, status, reason, at->get(), from->get(),
                                  next->get()) != nullptr;
  }
  if (good && request.has_nonce) {
    good = OCSP_copy_nonce(basic.get(), request.handle.get()) == 1;
  }
  good = good && OCSP_basic_sign(basic.get(), responder.certificate.get(), responder.key.pkey(),
                                 signature_hash(responder.key.pkey()), nullptr, 0) == 1;
  if (!good) return without_answer(OCSP_RESPONSE_STATUS_INTERNALERROR);
  const OcspResponse response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  if (request.has_nonce) return {der_of(response.get())};
  return {der_of(response.get()), until, now};
}

OcspReply OcspAnswers::answer(std::string_view der, std::int64_t now) {
  if (!ready_) return without_answer(OCSP_RESPONSE_STATUS_TRYLATER);
  const auto request = parse_ocsp_request(der);
  if (!request) return without_answer(OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
  const OcspAuthority* const authority = authority_of(request->ids);
  if (authority == nullptr) return without_answer(OCSP_RESPONSE_STATUS_UNAUTHORIZED);
  const bool keep = request->ids.size() == 1 && !request->has_nonce &&
                    find(request->ids.front(), *authority) != nullptr;
  if (!keep) return sign(*request, *authority, now);
  std::string name = der_of_id(request->ids.front());
  const auto kept = signed_.find(name);
  if (kept != signed_.end() && kept->second.good_until - now > validity_ / 2) return kept->second;
  OcspReply reply = sign(*request, *authority, now);
  if (signed_.size() >= kSpellings * known_.size()) signed_.clear();
  if (reply.good_until > 0 && name.size() <= kMaxName) {
    signed_.insert_or_assign(std::move(name), reply);
  }
  return reply;
}

}  // namespace sifguard
