// The certificates of chains whose revocation must be checked: all but the roots. Any privilege.
#pragma once

#include <string>
#include <vector>

#include "keystore/x509/certificate_path.h"

namespace sifguard {

/// One certificate below a root, and its issuer's.
struct ChainLink {
  Certificate certificate, issuer;
  std::string name;  ///< SHA-256 of its DER; OCSP responses about it are stored under this name
};

/// Adds those of a good chain that are not in `links` yet.
void add_links(const Chain& chain, std::vector<ChainLink>& links);

}  // namespace sifguard
