// The chain from a certificate to a trust anchor. Any privilege; certificates are hostile, roots
// are given.
//
// It is validated according to RFC 5280 6 by OpenSSL's X509_verify_cert() in strict mode: only the
// given roots are trusted (no system store, no partial chains), and signatures, validity, basic
// constraints, path length, key usage of CAs, name constraints, absence of unknown critical
// extensions and security level 2 are checked. In addition, signatures must use SHA-2, and the
// certificate must not be an anchor itself.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/x509/handles.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

struct Chain {
  CertificateStatus status = CertificateStatus::untrusted;  ///< good, or why there is no chain
  std::string note;                       ///< a clause without subject ("has expired"); "" if good
  std::vector<Certificate> certificates;  ///< when good: from the certificate to its root
};

class TrustAnchors {
 public:
  /// PEM bundles. Errors: Code::config when one is malformed, or a root is not a self-signed CA.
  [[nodiscard]] static Result<TrustAnchors> parse(const std::vector<std::string>& roots,
                                                  const std::vector<std::string>& intermediates);

  /// The chain at the time `now`, Unix seconds. Errors: Code::internal when memory is short.
  [[nodiscard]] Result<Chain> chain_of(X509* certificate, std::int64_t now) const;

 private:
  struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
  };
  TrustAnchors() = default;

  Owned<X509_STORE, X509_STORE_free> roots_;
  std::unique_ptr<STACK_OF(X509), FreeStack> intermediates_;
};

/// Why any chain of this certificate will be refused, whoever issued it: the same checks with the
/// certificate as its own anchor. If good, the chain is only the certificate. Errors:
/// Code::internal when memory is short.
[[nodiscard]] Result<Chain> chain_alone(X509* certificate, std::int64_t now);

/// The one certificate of a PEM file. Errors: Code::refused.
[[nodiscard]] Result<Certificate> parse_one_certificate(std::string_view pem);
/// A signer's certificate from a PEM file that may also contain the CAs above it, as step-ca and
/// ACME clients write it: the certificate that is not a CA's. Errors: Code::refused when there is
/// none or several.
struct LeafAndCas {
  std::string leaf;              ///< PEM
  std::vector<std::string> cas;  ///< PEM each
};
[[nodiscard]] Result<LeafAndCas> split_chain_file(std::string_view pem);
/// All certificates of a PEM file that contains nothing else. Errors: Code::refused.
[[nodiscard]] Result<std::vector<Certificate>> parse_bundle(std::string_view pem);

}  // namespace sifguard
