// Making a CA and issuing certificates. The owner of the keystore, on the CA's host.
#include <openssl/err.h>

#include <algorithm>

#include "keystore/base/clock.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/ca/authority.h"
#include "keystore/ca/authority_certificate.h"
#include "keystore/ca/general_name.h"
#include "keystore/crypto/certificate.h"
#include "keystore/policy/subject_name.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

constexpr int kMaxDays = 36500;

Status check_days(int days) {
  if (days >= 1 && days <= kMaxDays) return {};
  return fail(Code::usage, "a certificate is valid for 1 to " + std::to_string(kMaxDays) + " days");
}

std::string url_for(const std::string& url, const std::string& authority) {
  constexpr std::string_view kPlace = "{authority}";
  const std::size_t at = url.find(kPlace);
  return at == std::string::npos ? url : std::string(url).replace(at, kPlace.size(), authority);
}

Result<AuthorityEntry> entry_of(const char* name, const Issuer& issuer) {
  AuthorityEntry entry;
  entry.name = name;
  SG_TRY(entry.certificate_pem, certificate_pem(*issuer.certificate));
  SG_TRY(entry.private_key, issuer.key.stored());
  return entry;
}

Result<IssuedCertificate> record_of(const Certificate& certificate,
                                    const CertificateOptions& options) {
  IssuedCertificate record;
  record.serial = options.serial;
  SG_TRY(record.subject, text_of_name(X509_get_subject_name(certificate.get())));
  record.names = options.names;
  SG_TRY(record.spki, spki_digest(options.key));
  record.from = options.from;
  record.until = options.until;
  return record;
}

Result<CaKey> new_key(KeyAlgorithm algorithm, const std::string& token) {
  if (!token.empty()) return CaKey::find_in_token(token);
  SG_TRY(Pkey made, generate_key(algorithm));
  return CaKey(std::move(made));
}

Result<Issuer> new_root(const CaOptions& options, std::int64_t now) {
  Issuer root;
  SG_TRY(root.key, new_key(options.algorithm, options.token));
  CertificateOptions own;
  SG_TRY(own.serial, random_serial());
  own.subject = options.subject;
  own.from = now - kClockSkew;
  own.until = now + options.days * kDay;
  own.key = root.key.pkey();
  own.path_length = options.path_length.value_or(options.intermediate.empty() ? 0 : 1);
  own.permitted = options.permitted;
  own.excluded = options.excluded;
  SG_TRY(root.certificate, make_root(own, root.key));
  return root;
}

/// It must be good by the code by which nodes judge it.
Status check_chain(X509* certificate, const std::string& root, const std::string& intermediate,
                   std::int64_t now) {
  std::vector<std::string> between;
  if (!intermediate.empty()) between.push_back(intermediate);
  SG_TRY(const TrustAnchors anchors, TrustAnchors::parse({root}, between));
  SG_TRY(const Chain chain, anchors.chain_of(certificate, now));
  if (chain.status == CertificateStatus::good) return {};
  return fail(Code::refused, "the certificate would be useless: it " + chain.note,
              "look at the CA's name constraints, path length and end: sifctl ca show");
}

struct NewIntermediate {
  Issuer issuer;
  IssuedCertificate record;
};

/// The key of `made` gets a certificate by the root, with serial, subject, end and URLs of `own`.
Status certify(NewIntermediate& made, CertificateOptions own, const Issuer& root,
               const std::string& root_pem, std::int64_t now) {
  own.from = now - kClockSkew;
  own.key = made.issuer.key.pkey();
  own.path_length = 0;
  own.crl_url = url_for(own.crl_url, kRootAuthority);
  own.ocsp_url = url_for(own.ocsp_url, kRootAuthority);
  SG_TRY(made.issuer.certificate, make_certificate(Profile::intermediate, own, root));
  SG_CHECK(check_chain(made.issuer.certificate.get(), root_pem, {}, now));
  SG_TRY(made.record, record_of(made.issuer.certificate, own));
  made.record.issuer = kRootAuthority;
  made.record.profile = Profile::intermediate;
  made.record.name = kIntermediateAuthority;
  return {};
}

Result<NewIntermediate> new_intermediate(const CaOptions& options, const Issuer& root,
                                         const std::string& root_pem, std::int64_t now) {
  NewIntermediate made;
  SG_TRY(made.issuer.key, new_key(options.algorithm, options.intermediate_token));
  if (EVP_PKEY_eq(root.key.pkey(), made.issuer.key.pkey()) == 1) {
    return fail(Code::refused, "root and intermediate CA need different keys");
  }
  ERR_clear_error();  // keys of different types
  CertificateOptions own;
  SG_TRY(own.serial, random_serial());
  own.subject = options.intermediate;
  own.until = now + std::min(options.days, options.intermediate_days) * kDay;
  own.crl_url = options.crl_url;
  own.ocsp_url = options.ocsp_url;
  SG_CHECK(certify(made, own, root, root_pem, now));
  return made;
}

}  // namespace

Status check_ca_options(const CaOptions& options) {
  SG_CHECK(check_days(options.days));
  SG_CHECK(check_days(options.intermediate_days));
  for (const std::string& url : {options.crl_url, options.ocsp_url}) {
    if (!url.empty()) SG_CHECK(check_ca_url(url_for(url, kRootAuthority)));
  }
  SG_TRY(const NameConstraints constraints, make_constraints(options.permitted, options.excluded));
  if (options.path_length && *options.path_length < 0) {
    return fail(Code::usage, "a path length is not negative");
  }
  if (!options.intermediate.empty() && options.path_length == 0) {
    return fail(Code::usage, "a path length of 0 leaves no room for an intermediate CA");
  }
  SG_TRY(const Name root, make_name(options.subject));
  if (options.intermediate.empty()) {
    if (options.intermediate_token.empty()) return {};
    return fail(Code::usage, "a key for an intermediate CA that was not requested");
  }
  SG_TRY(const Name intermediate, make_name(options.intermediate));
  if (X509_NAME_cmp(root.get(), intermediate.get()) == 0) {
    return fail(Code::usage, "root and intermediate CA need different subjects");
  }
  return {};
}

namespace {

Status check_no_ca(const Keystore& keystore) {
  SG_TRY(const CaPlace place, ca_place(keystore));
  if (place == CaPlace::free || place == CaPlace::unfinished) return {};
  if (place == CaPlace::damaged) return no_ca(keystore);
  SG_TRY(const CaCertificates certificates, ca_certificates(keystore));
  SG_TRY(const CaIndex index, ca_index(keystore));
  return fail(Code::exists, "the keystore has a CA already",
              "see it, and get its certificates, by sifctl ca show and sifctl ca show --pem");
}

/// The issuer's subject, its CN replaced.
Result<std::string> subject_for(const IssueOptions& options, const Issuer& issuer) {
  if (!options.subject.empty()) return options.subject;
  SG_TRY(SubjectName name, parts_of_name(X509_get_subject_name(issuer.certificate.get())));
  std::erase_if(name, [](const RelativeName& part) {
    return std::any_of(part.begin(), part.end(),
                       [](const NameAttribute& attribute) { return attribute.type == "CN"; });
  });
  name.push_back({{"CN", options.name}});
  return format_subject(name);
}

/// A subject that the root's name constraints allow: a responder's is nobody's to choose. "" where
/// the usual one will do.
Result<std::string> subject_for_responder(const std::string& root_pem, const IssueOptions& options,
                                          const Issuer& issuer) {
  SG_TRY(const Certificate root, parse_one_certificate(root_pem));
  const NameConstraints constraints(static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(root.get(), NID_name_constraints, nullptr, nullptr)));
  SG_TRY(const std::string usual, subject_for(options, issuer));
  std::optional<SubjectName> first;
  const int count = constraints ? sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* const base =
        sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base;
    if (base->type != GEN_DIRNAME) continue;
    SG_TRY(SubjectName above, parts_of_name(base->d.directoryName));
    SG_TRY(const std::string text, format_subject(above));
    // RFC 2253 writes the most general part last.
    if (usual == text || usual.ends_with("," + text)) return std::string();
    if (!first) first = std::move(above);
  }
  if (!first) return std::string();
  first->push_back({{"CN", options.name}});
  return format_subject(*first);
}

/// What a certificate of this key was revoked for that holds for the key; "" for nothing.
std::string given_up(const CaIndex& index, const std::string& spki) {
  for (const IssuedCertificate& one : index.issued) {
    if (one.spki == spki && one.revoked_at > 0 && concerns_key(one, one.reason)) return one.reason;
  }
  return index.is_compromised(spki) ? "keyCompromise" : "";
}

/// What a revoked intermediate CA signs is good nowhere. Its responder still has to say so of what
/// it issued before.
Status check_issuer(const CaIndex& index, const std::string& authority, const Issuer& issuer,
                    Profile profile) {
  if (authority == kRootAuthority || profile == Profile::ocsp) return {};
  SG_TRY(const std::string spki, spki_digest(issuer.key.pkey()));
  SG_TRY(const std::string serial, serial_of(issuer.certificate.get()));
  const std::string reason = given_up(index, spki);
  const IssuedCertificate* const own = index.find(serial);
  if (reason.empty() && (own == nullptr || own->revoked_at == 0)) return {};
  return fail(Code::wrong_state,
              "the " + authority + " CA was revoked (" + (reason.empty() ? own->reason : reason) +
                  "): what it issues is valid nowhere",
              reason.empty() ? "certify its key anew: sifctl ca renew " + serial + " --out FILE"
                             : "make a new CA, in another keystore");
}

Status check_key(const CaIndex& index, const EVP_PKEY* key) {
  SG_CHECK(check_key_kind(key));
  SG_TRY(const std::string spki, spki_digest(key));
  for (const IssuedCertificate& one : index.issued) {
    if (one.spki != spki) continue;
    if (one.profile == Profile::intermediate) {
      return fail(Code::refused, "the key is the intermediate CA's own");
    }
    if (!is_compromise(one.reason)) continue;
    return fail(Code::refused,
                "the key was compromised: certificate " + one.serial + " with it was revoked",
                "make a new key");
  }
  if (!index.is_compromised(spki)) return {};
  return fail(Code::refused, "the key was compromised: a certificate with it was revoked",
              "make a new key");
}

/// A holder of a CA's own name would be taken for it, by whoever looks for an issuer by its name.
Status check_not_ours(const Keystore& keystore, const std::string& subject) {
  SG_TRY(const Name name, make_name(subject));
  SG_TRY(const auto names, authority_names(keystore));
  for (const char* authority : {kRootAuthority, kIntermediateAuthority}) {
    if (!contains(names, authority)) continue;
    SG_TRY(const Certificate own, authority_certificate(keystore, authority));
    if (X509_NAME_cmp(X509_get_subject_name(own.get()), name.get()) == 0) {
      return fail(Code::exists, "the subject is the CA's own", "give the holder another");
    }
  }
  return {};
}

/// Under the lock.
Result<Issued> issue_by(const Keystore& keystore, const std::string& authority,
                        const IssueOptions& options, std::int64_t now) {
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_CHECK(check_complete(keystore, index));
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_CHECK(check_key(index, options.key));
  SG_TRY(const Issuer issuer, load_issuer(keystore, authority));
  SG_CHECK(check_issuer(index, authority, issuer, options.profile));
  CertificateOptions made;
  do {
    SG_TRY(made.serial, random_serial());
  } while (index.knows(made.serial));
  SG_TRY(made.subject, subject_for(options, issuer));
  SG_CHECK(check_not_ours(keystore, made.subject));
  made.names = options.names;
  const int days = options.days.value_or(default_days(options.profile));
  SG_CHECK(check_days(days));
  const auto end = unix_time(X509_get0_notAfter(issuer.certificate.get()));
  made.from = now - kClockSkew;
  made.until = std::min(now + days * kDay, end.value_or(0));
  if (made.until <= now) {
    return fail(Code::wrong_state, "the " + authority + " CA itself has ended");
  }
  made.key = options.key;
  made.crl_url = url_for(index.crl_url, authority);
  made.ocsp_url = url_for(index.ocsp_url, authority);
  SG_TRY(const Certificate certificate, make_certificate(options.profile, made, issuer));
  SG_CHECK(check_chain(certificate.get(), own.root, own.intermediate, now));
  Issued issued;
  SG_TRY(issued.record, record_of(certificate, made));
  issued.record.issuer = authority;
  issued.record.profile = options.profile;
  issued.record.name = options.name;
  SG_TRY(issued.pem, certificate_pem(*certificate));
  SG_TRY(issued.superseded, take_up_renewed(keystore, index, options.record, now));
  SG_CHECK(hand_over(keystore, index, issued.record, issued.pem, options.record));
  return issued;
}

}  // namespace

Result<CaCertificates> init_ca(const Keystore& keystore, const CaOptions& options,
                               std::int64_t now) {
  SG_CHECK(check_ca_options(options));
  SG_CHECK(check_no_ca(keystore));
  SG_TRY(const Issuer root, new_root(options, now));
  SG_TRY(const AuthorityEntry root_entry, entry_of(kRootAuthority, root));
  CaIndex index;
  index.crl_url = options.crl_url;
  index.ocsp_url = options.ocsp_url;
  std::optional<AuthorityEntry> between;
  if (!options.intermediate.empty()) {
    SG_TRY(const NewIntermediate made,
           new_intermediate(options, root, root_entry.certificate_pem, now));
    SG_TRY(between, entry_of(kIntermediateAuthority, made.issuer));
    index.issued.push_back(made.record);
  }
  SG_TRY(const FileLock held, keystore.lock());
  SG_CHECK(check_no_ca(keystore));  // nor has anybody made one since
  CaCertificates made{root_entry.certificate_pem, {}};
  SG_CHECK(begin_ca(keystore));
  SG_CHECK(write_authority(keystore, root_entry));
  if (between) {
    made.intermediate = between->certificate_pem;
    SG_CHECK(write_authority(keystore, *between));
    SG_CHECK(write_ca_certificate(keystore, index.issued.front().serial, made.intermediate));
  }
  // Last: with an index it is a CA.
  SG_CHECK(save_ca_index(keystore, index));
  return made;
}

Result<Issued> issue_certificate(const Keystore& keystore, const IssueOptions& options,
                                 std::int64_t now) {
  if (!is_name(options.name)) {
    return fail(Code::usage, "not a usable name: '" + printable(options.name, 100) + "'",
                "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  if (options.profile == Profile::host && options.names.empty()) {
    return fail(Code::usage, "a host's certificate needs an alternative name",
                "give --san dns:HOST");
  }
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  const bool has_intermediate = !own.intermediate.empty();
  return issue_by(keystore, has_intermediate ? kIntermediateAuthority : kRootAuthority, options,
                  now);
}

Result<Issued> renew_intermediate(const Keystore& keystore, int days, std::int64_t now,
                                  const RecordOptions& options) {
  SG_CHECK(check_days(days));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_CHECK(check_complete(keystore, index));
  SG_CHECK(check_renews_own(keystore, index, options.renews));
  SG_TRY(const Issuer root, load_issuer(keystore, kRootAuthority));
  SG_TRY(const std::string root_pem, read_authority_certificate(keystore, kRootAuthority));
  NewIntermediate made;
  SG_TRY(made.issuer, load_issuer(keystore, kIntermediateAuthority));
  SG_TRY(const std::string spki, spki_digest(made.issuer.key.pkey()));
  if (!given_up(index, spki).empty()) {
    return fail(Code::wrong_state,
                "the intermediate CA was revoked: its key gets no new certificate",
                "make a new CA, in another keystore");
  }
  CertificateOptions own;
  do {
    SG_TRY(own.serial, random_serial());
  } while (index.knows(own.serial));
  SG_TRY(own.subject, text_of_name(X509_get_subject_name(made.issuer.certificate.get())));
  const auto end = unix_time(X509_get0_notAfter(root.certificate.get()));
  own.until = std::min(now + days * kDay, end.value_or(0));
  if (own.until <= now) return fail(Code::wrong_state, "the root CA itself has ended");
  own.crl_url = index.crl_url;
  own.ocsp_url = index.ocsp_url;
  SG_CHECK(certify(made, own, root, root_pem, now));
  SG_TRY(const std::string pem, certificate_pem(*made.issuer.certificate));
  SG_TRY(const bool superseded, take_up_renewed(keystore, index, options, now));
  SG_CHECK(hand_over(keystore, index, made.record, pem, options));
  return Issued{made.record, pem, superseded};
}

Result<Issued> issue_responder(const Keystore& keystore, const std::string& authority,
                               const EVP_PKEY* key, std::int64_t now) {
  IssueOptions options;
  options.profile = Profile::ocsp;
  options.name = "ocsp-" + authority;
  options.key = key;
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const Issuer issuer, load_issuer(keystore, authority));
  SG_TRY(options.subject, subject_for_responder(own.root, options, issuer));
  return issue_by(keystore, authority, options, now);
}

}  // namespace sifguard
