// The certificates of chains whose revocation is asked about. Any privilege.
#include "keystore/x509/chain_links.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

void add_links(const Chain& chain, std::vector<ChainLink>& links) {
  for (std::size_t i = 0; i + 1 < chain.certificates.size(); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(chain.certificates[i].get(), &der);
    if (size <= 0) continue;
    const auto digest = sha256(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    const std::string name = digest ? to_hex(*digest) : std::string();
    const bool known = std::any_of(links.begin(), links.end(),
                                   [&](const ChainLink& one) { return one.name == name; });
    if (known || name.empty()) continue;
    links.push_back(
        {shared(chain.certificates[i].get()), shared(chain.certificates[i + 1].get()), name});
  }
}

}  // namespace sifguard
