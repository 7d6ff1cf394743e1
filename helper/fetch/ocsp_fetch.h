// Asking an OCSP responder about a signer's certificate and the CAs above it. The user's tool or an
// unprivileged fetcher; never root, never during a launch.
//
// Requests only are made here. What comes back is not believed and not parsed: it goes to
// `sifguard-pki` (keystore/x509/ocsp_check.h) as it is.
#pragma once

#include <string>
#include <vector>

#include "helper/fetch/http.h"

namespace sifguard {

struct OcspSubject {
  std::string certificate;                 ///< PEM
  std::vector<std::string> intermediates;  ///< PEM bundles
  std::vector<std::string> roots;          ///< PEM bundles
  std::int64_t now = 0;                    ///< Unix seconds: the chain is the one valid then
};

/// DER responses of `url` about every certificate of the chain below the root, two for one that the
/// responder did not know by SHA-256; fewer when a later request failed. Errors: Code::refused
/// without a chain, Code::config for unusable roots, else those of the first http_post().
[[nodiscard]] Result<std::vector<std::string>> fetch_ocsp(const std::string& url,
                                                          const OcspSubject& subject,
                                                          const HttpLimits& limits);

}  // namespace sifguard
