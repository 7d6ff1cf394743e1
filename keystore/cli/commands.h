// All commands of sifctl: each function adds one group, or the commands of one file, to `app` or to
// its group. Runs with the rights of the admin.
//
// Where a command is added, it says what it does to the keystore: Session::on_read(), on_change()
// or on_closing(). There is no other list of the commands' names.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace sifguard {

class Session;

void add_init_commands(CLI::App& app, Session& session);  // init, reseal
void add_setup_command(CLI::App& app, Session& session);

void add_key_commands(CLI::App& app, Session& session);  // list, show, export-public
void add_key_create(CLI::App& group, Session& session);
void add_key_import(CLI::App& group, Session& session);
void add_key_life(CLI::App& group, Session& session);  // retire, suspend, resume, revoke, destroy
void add_key_rotate(CLI::App& group, Session& session);
void add_key_rule(CLI::App& group, Session& session);  // show, set, widen, reset

void add_signer_commands(CLI::App& app, Session& session);  // remove
void add_signer_add(CLI::App& group, Session& session);
void add_signer_fetch(CLI::App& group, Session& session);
void add_signer_life(CLI::App& group, Session& session);  // retire, restore, revoke
void add_signer_list(CLI::App& group, Session& session);  // list, show

void add_trust_commands(CLI::App& app, Session& session);   // add-root, -intermediate, -crl, list
void add_trust_sources(CLI::App& group, Session& session);  // add-source, remove-source, sources
void add_trust_fetch(CLI::App& group, Session& session);
void add_trust_remove(CLI::App& group, Session& session);

void add_ca_commands(CLI::App& app, Session& session);
void add_ca_init(CLI::App& group, Session& session);
void add_ca_issue(CLI::App& group, Session& session);   // issue, sign-csr, renew
void add_ca_revoke(CLI::App& group, Session& session);  // revoke, crl, expire
void add_ca_list(CLI::App& group, Session& session);    // list, show
void add_ca_restore(CLI::App& group, Session& session);
void add_ca_ocsp(CLI::App& group, Session& session);

void add_image_commands(CLI::App& app, Session& session);  // bind, unbind
void add_image_list(CLI::App& group, Session& session);    // list, show
void add_image_prefetch(CLI::App& group, Session& session);
void add_image_publish(CLI::App& group, Session& session);  // publish, published
void add_image_unpublish(CLI::App& group, Session& session);

void add_digest_commands(CLI::App& app, Session& session);
void add_policy_commands(CLI::App& app, Session& session);
void add_explain_command(CLI::App& app, Session& session);
void add_test_command(CLI::App& app, Session& session);
void add_audit_commands(CLI::App& app, Session& session);  // verify, tail, show
void add_audit_report(CLI::App& group, Session& session);

void add_node_commands(CLI::App& app, Session& session);  // init, show, trust, distrust
void add_node_check(CLI::App& group, Session& session);
void add_node_list(CLI::App& group, Session& session);

void add_nodes_commands(CLI::App& app, Session& session);  // status, doctor
void add_cache_commands(CLI::App& app, Session& session);

void add_bundle_commands(CLI::App& app, Session& session);  // export, import, signer
void add_bundle_list(CLI::App& group, Session& session);    // show, list
void add_breakglass_commands(CLI::App& app, Session& session);
void add_import_commands(CLI::App& app, Session& session);
void add_doctor_command(CLI::App& app, Session& session);
void add_backup_command(CLI::App& app, Session& session);
void add_restore_command(CLI::App& app, Session& session);

}  // namespace sifguard
