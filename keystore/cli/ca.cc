// sifctl ca: a certification authority. Runs with the rights of the admin of the CA's host.
#include "keystore/cli/commands.h"
#include "keystore/cli/session.h"

namespace sifguard {

void add_ca_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("ca", "A certification authority for signers, hosts and users");
  group->require_subcommand(1);
  group->footer(R"(
The CA's keys are in the keystore like image keys, encrypted under the store key. Keep the CA on a
separate host: nodes need only its root certificate and revocation lists (sifctl trust).
  sifctl ca init --subject '/O=Example/CN=Example Root' --out root.pem
  sifctl ca issue --signer carol --subject /O=Example/CN=carol --out carol
  sifctl ca revoke carol.pem --reason keyCompromise
  sifctl ca crl --out crl.pem)");
  add_ca_init(*group, session);
  add_ca_issue(*group, session);
  add_ca_revoke(*group, session);
  add_ca_list(*group, session);
  add_ca_restore(*group, session);
  add_ca_ocsp(*group, session);
}

}  // namespace sifguard
