// sifctl ca: a certification authority for signers, hosts and users. Runs with the rights of the
// admin of the CA's host.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

void add_ca_commands(CLI::App& app, Session& session);

// The groups of it, one a file.
void add_ca_init(CLI::App& group, Session& session);
void add_ca_issue(CLI::App& group, Session& session);   // issue, sign-csr, renew
void add_ca_revoke(CLI::App& group, Session& session);  // revoke, crl, expire
void add_ca_list(CLI::App& group, Session& session);    // list, show
void add_ca_backup(CLI::App& group, Session& session);  // backup, restore
void add_ca_ocsp(CLI::App& group, Session& session);

}  // namespace sifguard
