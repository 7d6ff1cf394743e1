// The certificates of chains whose revocation is asked about: all but the roots. Any privilege.
#pragma once

#include <string>
#include <vector>

#include "keystore/x509/certificate_path.h"

namespace sifguard {

/// One certificate below a root, and who issued it.
struct ChainLink {
  Certificate certificate, issuer;
  std::string name;  ///< SHA-256 of its DER: what answers about it are filed under
};

/// Adds those of a good chain that are not there yet.
void add_links(const Chain& chain, std::vector<ChainLink>& links);

}  // namespace sifguard
