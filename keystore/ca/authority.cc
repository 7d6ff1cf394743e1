// The certification authority of a keystore: its state, revocation, lists. The owner of the
// keystore, on the CA's host.
#include "keystore/ca/authority.h"

#include <openssl/err.h>

#include <algorithm>

#include "keystore/base/clock.h"
#include "keystore/base/contains.h"
#include "keystore/base/format_version.h"
#include "keystore/base/text.h"
#include "keystore/ca/authority_certificate.h"
#include "keystore/policy/subject_name.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/usage.h"

namespace sifguard {
namespace {

constexpr std::size_t kMinPrefix = 8;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return contains(names, name);
}

/// A guess at what it was issued for, by what it may do.
Profile profile_of(X509* certificate) {
  const std::uint32_t usage = X509_get_extended_key_usage(certificate);
  if (X509_check_ca(certificate) != 0) return Profile::intermediate;
  if ((usage & XKU_CODE_SIGN) != 0) return Profile::signer;
  if ((usage & XKU_OCSP_SIGN) != 0) return Profile::ocsp;
  return (usage & XKU_SSL_SERVER) != 0 ? Profile::host : Profile::user;
}

/// The authority here that signed it; "" for none.
Result<std::string> signer_of(const Keystore& keystore, X509* certificate) {
  SG_TRY(const auto names, authority_names(keystore));
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    if (!has(names, name)) continue;
    SG_TRY(const Certificate issuer, authority_certificate(keystore, name));
    const bool signed_by = X509_check_issued(issuer.get(), certificate) == X509_V_OK &&
                           X509_verify(certificate, X509_get0_pubkey(issuer.get())) == 1;
    ERR_clear_error();
    if (signed_by) return std::string(name);
  }
  return std::string();
}

Result<IssuedCertificate> describe(X509* certificate, const std::string& issuer) {
  IssuedCertificate one;
  SG_TRY(one.serial, serial_of(certificate));
  one.issuer = issuer;
  one.profile = profile_of(certificate);
  one.name = std::string(kAdopted) + one.serial.substr(0, kMinPrefix);
  SG_TRY(one.subject, text_of_name(X509_get_subject_name(certificate)));
  SG_TRY(one.names, alternative_names(certificate));
  SG_TRY(one.spki, spki_digest(X509_get0_pubkey(certificate)));
  one.from = unix_time(X509_get0_notBefore(certificate)).value_or(0);
  one.until = unix_time(X509_get0_notAfter(certificate)).value_or(0);
  return one;
}

Result<FoundCertificate> find_by_certificate(const Keystore& keystore, CaIndex& index,
                                             std::string_view pem) {
  SG_TRY(const Certificate certificate, parse_one_certificate(pem));
  SG_TRY(const std::string issuer, signer_of(keystore, certificate.get()));
  if (!issuer.empty() && X509_self_signed(certificate.get(), 0) == 1) {
    return fail(Code::refused, "a root cannot be revoked or listed: nobody is above it",
                "remove it where it is trusted: sifctl trust remove");
  }
  SG_TRY(const IssuedCertificate described, describe(certificate.get(), issuer));
  if (issuer.empty()) {
    auto* const known = index.find(described.serial);
    const bool recorded = known != nullptr && known->spki == described.spki;
    // What signed it may be lost, and it is to be revoked for that.
    if (recorded && !check_complete(keystore, index)) return FoundCertificate{known, false};
    return fail(Code::refused, "the certificate was not issued by this CA");
  }
  if (auto* const known = index.find(described.serial); known != nullptr) {
    return FoundCertificate{known, false};
  }
  index.issued.push_back(described);
  // What was purged comes back as it went: revoked, if it was.
  const auto same = [&](const PurgedCertificate& one) { return one.serial == described.serial; };
  if (const auto purged = std::find_if(index.purged.begin(), index.purged.end(), same);
      purged != index.purged.end()) {
    index.issued.back().revoked_at = purged->revoked_at;
    index.issued.back().reason = purged->reason;
    index.purged.erase(purged);
  }
  return FoundCertificate{&index.issued.back(), true};
}

Result<FoundCertificate> find_by_serial(CaIndex& index, std::string_view what) {
  std::string wanted = to_lower(what);
  std::erase(wanted, ':');
  if (wanted.starts_with("0x")) wanted.erase(0, 2);
  IssuedCertificate* found = index.find(wanted);
  if (found != nullptr) return FoundCertificate{found, false};
  const std::string shown = "'" + printable(what, 100) + "'";
  if (wanted.size() < kMinPrefix) {
    return fail(Code::usage, shown + " is too short a serial number", "give 8 digits or more");
  }
  for (IssuedCertificate& one : index.issued) {
    if (!one.serial.starts_with(wanted)) continue;
    if (found != nullptr) {
      return fail(Code::absent, "serial number " + shown + " is ambiguous", "give more digits");
    }
    found = &one;
  }
  const bool purged =
      std::any_of(index.purged.begin(), index.purged.end(),
                  [&](const PurgedCertificate& one) { return one.serial.starts_with(wanted); });
  if (found == nullptr && purged) {
    return fail(Code::absent,
                "the certificate with the serial number " + shown +
                    " ended, and sifctl ca expire dropped it",
                "give the certificate itself, its PEM file, in place of the number");
  }
  if (found == nullptr) {
    return fail(Code::absent, "the CA has issued no certificate with the serial number " + shown,
                "sifctl ca list");
  }
  return FoundCertificate{found, false};
}

/// What was revoked under a clock that was ahead was revoked by now: no list names the future.
void bring_back(CaIndex& index, std::int64_t now) {
  for (IssuedCertificate& one : index.issued) one.revoked_at = std::min(one.revoked_at, now);
  for (PurgedCertificate& one : index.purged) one.revoked_at = std::min(one.revoked_at, now);
}

/// What was purged is in it until a list is made after its end: a clock that was ahead may have
/// purged what is still valid.
std::vector<RevokedEntry> revoked_of(const CaIndex& index, const std::string& authority,
                                     std::int64_t now) {
  const auto last = index.crls.find(authority);
  const std::int64_t listed = last == index.crls.end() ? 0 : std::min(last->second.made, now);
  std::vector<RevokedEntry> revoked;
  for (const IssuedCertificate& one : index.issued) {
    if (one.issuer != authority || one.revoked_at == 0) continue;
    revoked.push_back({one.serial, one.revoked_at, one.reason});
  }
  for (const PurgedCertificate& one : index.purged) {
    if (one.issuer != authority || one.revoked_at == 0 || one.until < listed) continue;
    revoked.push_back({one.serial, one.revoked_at, one.reason});
  }
  return revoked;
}

/// False when nothing changes: a revocation stays as it is, but that a compromise may come out
/// later, or that an intermediate CA's key is given up after a certificate of it was superseded.
bool mark_revoked(IssuedCertificate& one, const std::string& reason, std::int64_t now) {
  const bool may_change = concerns_key(one, reason) && is_worse_reason(reason, one.reason);
  if (one.revoked_at > 0 && !may_change) return false;
  if (one.revoked_at == 0) one.revoked_at = now;
  one.reason = reason;
  return true;
}

Result<MadeCrl> make_one(const Keystore& keystore, CaIndex& index, const std::string& authority,
                         int days, std::int64_t now) {
  SG_TRY(const Issuer issuer, load_issuer(keystore, authority));
  LastCrl& last = index.crls[authority];
  CrlOptions options;
  options.number = std::max(last.number + 1, now);
  // A list of the future was made under another clock: it holds nothing up.
  const std::int64_t made_at = last.made > now + kClockSkew ? now : std::max(now, last.made);
  options.from = made_at - kClockSkew;  // for those whose clock is slow
  options.until = made_at + days * kDay;
  bring_back(index, now);
  options.revoked = revoked_of(index, authority, now);
  SG_TRY(const CertificateRevocationList crl, make_crl(options, issuer));
  last = {options.number, made_at};
  MadeCrl made{authority, {}, {}, options.number, options.until, options.revoked.size()};
  SG_TRY(made.pem, crl_pem(crl.get()));
  SG_TRY(made.der, crl_der(crl.get()));
  return made;
}

}  // namespace

Result<CaCertificates> ca_certificates(const Keystore& keystore) {
  SG_TRY(const auto names, authority_names(keystore));
  if (!has(names, kRootAuthority)) {
    return no_ca(keystore);
  }
  CaCertificates certificates;
  SG_TRY(certificates.root, read_authority_certificate(keystore, kRootAuthority));
  if (has(names, kIntermediateAuthority)) {
    SG_TRY(certificates.intermediate, read_authority_certificate(keystore, kIntermediateAuthority));
  }
  return certificates;
}

Status check_complete(const Keystore& keystore, const CaIndex& index) {
  SG_TRY(const auto names, authority_names(keystore));
  if (!index.has_intermediate() || has(names, kIntermediateAuthority)) return {};
  return fail(Code::config,
              "the CA is damaged: its intermediate is missing in " + keystore.directory() + "/ca",
              "bring it back from a backup: sifctl ca restore FILE");
}

Status check_whole(const Keystore& keystore) {
  SG_TRY(const CaIndex index, ca_index(keystore));
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const Certificate root, authority_certificate(keystore, kRootAuthority));
  if (!own.intermediate.empty()) {
    SG_TRY(const Certificate below, authority_certificate(keystore, kIntermediateAuthority));
  }
  return check_complete(keystore, index);
}

Result<CaIndex> ca_index(const Keystore& keystore) {
  SG_TRY(const auto text, read_ca_index(keystore));
  if (!text) {
    return no_ca(keystore);
  }
  auto index = parse_ca_index(*text, ca_index_path(keystore));
  if (index || is_of_newer_format(index.error())) return index;
  return fail(index.error().code(), "the CA is damaged: " + index.error().what(),
              "bring it back from a backup: sifctl ca restore FILE");
}

Status save_ca_index(const Keystore& keystore, const CaIndex& index) {
  const std::string text = format_ca_index(index);
  // What is written must be readable again: a bad record would lock the CA up.
  SG_TRY(const CaIndex again, parse_ca_index(text, "the new index"));
  return write_ca_index(keystore, text);
}

Result<Issuer> load_issuer(const Keystore& keystore, const std::string& authority) {
  SG_TRY(const AuthorityEntry entry, read_authority(keystore, authority));
  Issuer issuer;
  SG_TRY(issuer.certificate, parse_one_certificate(entry.certificate_pem));
  auto key = CaKey::open(entry.private_key, issuer.certificate.get());
  if (!key) return tl::unexpected(std::move(key).error().prepend("the " + authority + " CA"));
  issuer.key = *std::move(key);
  return issuer;
}

Result<FoundCertificate> find_certificate(const Keystore& keystore, CaIndex& index,
                                          std::string_view what) {
  if (what.find("-----BEGIN ") != std::string_view::npos) {
    return find_by_certificate(keystore, index, what);
  }
  return find_by_serial(index, what);
}

Status check_renews_own(const Keystore& keystore, CaIndex& index, std::string_view what) {
  constexpr const char* kOthers = "who holds the key of another CA below this one makes a new CA";
  SG_TRY(const auto names, authority_names(keystore));
  if (!has(names, kIntermediateAuthority)) {  // not by the index, which may have lost its record
    return fail(Code::absent, "the CA has no intermediate", kOthers);
  }
  if (what.empty()) return {};
  SG_TRY(const Certificate own, authority_certificate(keystore, kIntermediateAuthority));
  SG_TRY(const std::string spki, spki_digest(X509_get0_pubkey(own.get())));
  SG_TRY(const FoundCertificate found, find_certificate(keystore, index, what));
  if (found.record->spki == spki) return {};
  return fail(Code::refused, "the certificate is not of the CA's own intermediate", kOthers);
}

Result<bool> take_up_renewed(const Keystore& keystore, CaIndex& index, const RecordOptions& options,
                             std::int64_t now) {
  if (options.renews.empty()) return false;
  SG_TRY(const FoundCertificate found, find_certificate(keystore, index, options.renews));
  return options.supersede && found.record->revoked_at == 0 &&
         mark_revoked(*found.record, "superseded", now);
}

Result<RevokedCertificate> revoke_certificate(const Keystore& keystore, std::string_view what,
                                              const std::string& reason, std::int64_t now,
                                              bool dry_run) {
  SG_CHECK(check_revocation_reason(reason));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_TRY(const FoundCertificate found, find_certificate(keystore, index, what));
  RevokedCertificate done{*found.record, false, found.adopted, 0};
  done.changed = mark_revoked(*found.record, reason, now);
  done.record = *found.record;
  if (concerns_key(done.record, reason)) {
    for (IssuedCertificate& one : index.issued) {
      if (one.spki == done.record.spki && mark_revoked(one, reason, now)) ++done.of_same_key;
    }
  }
  if (dry_run) return done;
  if (done.changed || done.of_same_key > 0) SG_CHECK(save_ca_index(keystore, index));
  return done;
}

Result<std::vector<MadeCrl>> make_crls(const Keystore& keystore, const std::string& authority,
                                       int days, std::int64_t now) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_TRY(const CaCertificates own, ca_certificates(keystore));  // none is made without its root
  if (authority != kRootAuthority) SG_CHECK(check_complete(keystore, index));
  SG_TRY(const auto names, authority_names(keystore));
  std::vector<MadeCrl> made;
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    if (!has(names, name) || (!authority.empty() && authority != name)) continue;
    SG_TRY(MadeCrl one, make_one(keystore, index, name, days, now));
    made.push_back(std::move(one));
  }
  if (made.empty()) {
    return fail(Code::absent, "the CA has no authority '" + printable(authority, 100) + "'",
                "root, or intermediate if there is one");
  }
  SG_CHECK(save_ca_index(keystore, index));  // first: a number that anybody sees is used up
  return made;
}

Result<std::vector<IssuedCertificate>> purge_expired(const Keystore& keystore, std::int64_t before,
                                                     bool dry_run) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  std::vector<IssuedCertificate> gone;
  std::vector<IssuedCertificate> kept;
  for (IssuedCertificate& one : index.issued) {
    const bool listed =
        one.revoked_at == 0 || index.crls[one.issuer].made > std::max(one.until, one.revoked_at);
    // What an intermediate CA was given up for is asked when its key is to be certified again.
    const bool forgets =
        is_compromise(one.reason) || !concerns_key(one, one.reason) || one.revoked_at == 0;
    const bool goes = one.until < before && listed && forgets && !is_own_intermediate(one);
    (goes ? gone : kept).push_back(std::move(one));
  }
  if (dry_run || gone.empty()) return gone;
  index.issued = std::move(kept);
  for (const IssuedCertificate& one : gone) {
    index.purged.push_back(purged_of(one));
    if (is_compromise(one.reason)) index.compromised.insert(one.spki);
  }
  SG_CHECK(save_ca_index(keystore, index));
  for (const IssuedCertificate& one : gone) SG_CHECK(remove_ca_certificate(keystore, one.serial));
  return gone;
}

}  // namespace sifguard
