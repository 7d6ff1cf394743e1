// Asking an OCSP responder about a signer's certificate and the CAs above it. Runs in the user's
// tool or in an unprivileged fetcher; never as root and never during a launch.
//
// This file only makes requests. A response is neither believed nor parsed here: it goes to
// `sifguard-pki` (keystore/x509/ocsp_check.h) unchanged.
#pragma once

#include <string>
#include <vector>

#include "helper/fetch/http.h"

namespace sifguard {

struct OcspSubject {
  std::string certificate;                 ///< PEM
  std::vector<std::string> intermediates;  ///< PEM bundles
  std::vector<std::string> roots;          ///< PEM bundles
  std::int64_t now = 0;                    ///< Unix seconds: the chain must be valid at this time
};

/// DER responses of `url` about every certificate of the chain below the root: two for a
/// certificate that the responder did not know by its SHA-256, and fewer when a later request
/// failed. Errors: Code::refused without a chain, Code::config for unusable roots, otherwise those
/// of the first http_post().
[[nodiscard]] Result<std::vector<std::string>> fetch_ocsp(const std::string& url,
                                                          const OcspSubject& subject,
                                                          const HttpLimits& limits);

}  // namespace sifguard
