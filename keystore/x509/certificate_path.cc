// From a certificate up to a trust anchor. Any privilege.
#include "keystore/x509/certificate_path.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pem.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/strength.h"

namespace sifguard {
namespace {

constexpr int kMaxIntermediates = 8;
constexpr std::size_t kMaxBundle = 1024;

Result<Certificate> certificate_from(std::span<const std::byte> der) {
  const unsigned char* at = octets(der);
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != octets(der) + der.size()) {
    return fail_openssl(Code::refused, "malformed certificate");
  }
  // Reads all extensions now, so that what is malformed in them shows here.
  X509_check_purpose(certificate.get(), -1, 0);
  if ((X509_get_extension_flags(certificate.get()) & EXFLAG_INVALID) != 0) {
    return fail_openssl(Code::refused, "a certificate's extensions are malformed");
  }
  ERR_clear_error();
  return certificate;
}

bool is_self_signed_ca(X509* certificate) {
  return X509_check_ca(certificate) == 1 &&
         (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
}

Result<std::vector<Certificate>> parse_all(const std::vector<std::string>& bundles,
                                           std::string_view what) {
  std::vector<Certificate> all;
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    auto some = parse_bundle(bundles[i]);
    if (!some) {
      return fail(Code::config,
                  std::string(what) + " " + std::to_string(i + 1) + ": " + some.error().what());
    }
    for (Certificate& one : *some) all.push_back(std::move(one));
    if (all.size() > kMaxBundle) {
      return fail(Code::config, "more than " + std::to_string(kMaxBundle) + " certificates");
    }
  }
  return all;
}

CertificateStatus status_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return CertificateStatus::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return CertificateStatus::not_yet_valid;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return CertificateStatus::weak;
    default:
      return CertificateStatus::untrusted;
  }
}

Chain no_chain(const X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  Chain chain;
  chain.status = error == X509_V_OK ? CertificateStatus::untrusted : status_of(error);
  chain.note =
      std::string("has no chain to a trusted root: ") + X509_verify_cert_error_string(error);
  const X509* const culprit = X509_STORE_CTX_get_current_cert(context);
  if (X509_STORE_CTX_get_error_depth(context) > 0 && culprit != nullptr) {
    chain.note += " (" + shown_name(X509_get_subject_name(culprit)) + ")";
  }
  return chain;
}

/// What is below the root must be signed by what we take for strong.
bool has_strong_signatures(const std::vector<Certificate>& chain) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, chain[i].get());
    if (!is_strong_signature(algorithm) || !is_strong_key(X509_get0_pubkey(chain[i + 1].get()))) {
      return false;
    }
  }
  return true;
}

using StoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

/// OpenSSL's walk up from the certificate; X509_STORE_CTX_get_error() says what came of it.
Result<StoreContext> verified(X509_STORE* roots, STACK_OF(X509) * between, X509* certificate,
                              std::int64_t now, unsigned long flags) {
  StoreContext context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), roots, certificate, between) != 1) {
    return fail_openssl(Code::internal, "cannot check a certificate");
  }
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, flags);
  X509_VERIFY_PARAM_set_time(rules, now);
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(rules, kMaxIntermediates);
  if (X509_verify_cert(context.get()) != 1 &&
      X509_STORE_CTX_get_error(context.get()) == X509_V_OK) {
    X509_STORE_CTX_set_error(context.get(), X509_V_ERR_UNSPECIFIED);
  }
  ERR_clear_error();
  return context;
}

/// RFC 5280 4.2.1.1: all but self-signed ones have it. OpenSSL asks it of those below an anchor.
bool lacks_issuers_key_id(X509* certificate) {
  return X509_get_version(certificate) == X509_VERSION_3 &&
         X509_get0_authority_key_id(certificate) == nullptr;
}

}  // namespace

Result<std::vector<Certificate>> parse_bundle(std::string_view pem) {
  SG_TRY(const auto blocks, read_pem_of(pem, PEM_STRING_X509, kMaxBundle));
  std::vector<Certificate> all;
  for (const auto& der : blocks) {
    SG_TRY(Certificate certificate, certificate_from(der));
    all.push_back(std::move(certificate));
  }
  return all;
}

Result<Certificate> parse_one_certificate(std::string_view pem) {
  SG_TRY(const auto blocks, read_pem_of(pem, PEM_STRING_X509, 1));
  return certificate_from(blocks[0]);
}

Result<LeafAndCas> split_chain_file(std::string_view pem) {
  SG_TRY(const auto all, parse_bundle(pem));
  LeafAndCas found;
  for (const Certificate& one : all) {
    SG_TRY(std::string text, certificate_pem(*one));
    if (all.size() > 1 && X509_check_ca(one.get()) != 0) {
      found.cas.push_back(std::move(text));
    } else if (found.leaf.empty()) {
      found.leaf = std::move(text);
    } else {
      return fail(Code::refused, "the file holds several certificates that are no CA's",
                  "give one of them, with the CAs above it or alone");
    }
  }
  if (found.leaf.empty()) {
    return fail(Code::refused, "the file holds CAs' certificates only, no signer's");
  }
  return found;
}

Result<TrustAnchors> TrustAnchors::parse(const std::vector<std::string>& roots,
                                         const std::vector<std::string>& intermediates) {
  SG_TRY(const auto trusted, parse_all(roots, "root certificate"));
  SG_TRY(const auto untrusted, parse_all(intermediates, "intermediate certificate"));
  TrustAnchors anchors;
  anchors.roots_.reset(X509_STORE_new());
  anchors.intermediates_.reset(sk_X509_new_null());
  if (!anchors.roots_ || !anchors.intermediates_) {
    return fail_openssl(Code::temporary, "cannot hold certificates");
  }
  for (const Certificate& root : trusted) {
    if (!is_self_signed_ca(root.get())) {
      return fail(Code::config,
                  "the root certificate '" + shown_name(X509_get_subject_name(root.get())) +
                      "' is not a self-signed CA certificate",
                  "give it as an intermediate, and its root");
    }
    if (X509_STORE_add_cert(anchors.roots_.get(), root.get()) != 1) {
      return fail_openssl(Code::temporary, "cannot hold certificates");
    }
  }
  for (const Certificate& one : untrusted) {
    if (sk_X509_push(anchors.intermediates_.get(), one.get()) <= 0) {
      return fail_openssl(Code::temporary, "cannot hold certificates");
    }
    X509_up_ref(one.get());
  }
  return anchors;
}

Result<Chain> TrustAnchors::chain_of(X509* certificate, std::int64_t now) const {
  SG_TRY(const StoreContext context,
         verified(roots_.get(), intermediates_.get(), certificate, now, X509_V_FLAG_X509_STRICT));
  if (X509_STORE_CTX_get_error(context.get()) != X509_V_OK) return no_chain(context.get());
  Chain chain;
  STACK_OF(X509)* const found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) {
    chain.certificates.push_back(shared(sk_X509_value(found, i)));
  }
  if (chain.certificates.size() < 2) {
    chain.note = "is a trust anchor itself, not issued by one";
  } else if (!has_strong_signatures(chain.certificates)) {
    chain.status = CertificateStatus::weak;
    chain.note = "is signed by a weak algorithm or key, or one of its issuers is";
  } else {
    chain.status = CertificateStatus::good;
  }
  return chain;
}

Result<Chain> chain_alone(X509* certificate, std::int64_t now) {
  const Owned<X509_STORE, X509_STORE_free> anchor(X509_STORE_new());
  if (!anchor || X509_STORE_add_cert(anchor.get(), certificate) != 1) {
    return fail_openssl(Code::temporary, "cannot hold certificates");
  }
  SG_TRY(const StoreContext context, verified(anchor.get(), nullptr, certificate, now,
                                              X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN));
  Chain chain;
  if (const int error = X509_STORE_CTX_get_error(context.get()); error != X509_V_OK) {
    chain.status = status_of(error);
    chain.note = std::string("is never trusted: ") + X509_verify_cert_error_string(error);
    return chain;
  }
  chain.certificates.push_back(shared(certificate));
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  if ((X509_get_extension_flags(certificate) & EXFLAG_SS) != 0) {
    chain.note = "is self-signed, not issued by a CA";
  } else if (lacks_issuers_key_id(certificate)) {
    chain.note = "does not say which key signed it (authority key identifier)";
  } else if (!is_strong_signature(algorithm)) {
    chain.status = CertificateStatus::weak;
    chain.note = "is signed by a weak algorithm";
  } else {
    chain.status = CertificateStatus::good;
  }
  return chain;
}

}  // namespace sifguard
