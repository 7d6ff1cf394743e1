// The URLs in a certificate at which its revocation can be looked up, as far as an admin allows
// them. Unprivileged; the certificate is hostile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/x509/handles.h"

namespace sifguard {

/// The host of an http or https URL in lower case, with its port if it names one; "" for anything
/// else, also for a URL with user information.
[[nodiscard]] std::string host_of_url(std::string_view url);

struct SourceUrls {
  std::vector<std::string> crl;   ///< CRL distribution points (RFC 5280 4.2.1.13)
  std::vector<std::string> ocsp;  ///< authority information access (4.2.2.1)
};

/// Those whose host_of_url() is in `hosts`; at most 8 of each.
[[nodiscard]] SourceUrls allowed_urls(const X509* certificate,
                                      const std::vector<std::string>& hosts);

}  // namespace sifguard
