// What the node's configuration says of revocation. Runs with the rights of the admin.
#include "keystore/cli/node_revocation.h"

#include "keystore/policy/config.h"

namespace sifguard {

Revocation node_revocation(const Session& session, const std::string& config_file) {
  const auto config = load_config(config_file, Session::trust());
  if (config) return revocation_of(config->revocation);
  session.note(config.error().what() + "; `revocation: crl` is taken to count meanwhile");
  return Revocation::crl;
}

}  // namespace sifguard
