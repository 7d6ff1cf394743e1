// sifctl: manages the keystore. Runs as the owner of the keystore (root on a cluster), on the
// admin's command; needs no other privilege and no network.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "keystore/base/completion.h"
#include "keystore/base/main.h"
#include "keystore/base/secret.h"
#include "keystore/base/text.h"
#include "keystore/base/usage_error.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/known_values.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/openssl_memory.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr const char* kExamples = R"(
A first keystore, by one command that asks, or by one for each thing:
  sifctl setup
  sifctl init
  sifctl key create lolcow --pfx-password-file pw --file-prefix mycert
  sifctl signer add pub.asc
  sifctl image bind lolcow --match '/apps/secure/lolcow*.sif' --signer FPR --key lolcow ...
  sifctl explain /apps/secure/lolcow.sif --user alice

Each command has its own --help. Exit status: 0 done, 64 usage, 65 refused or malformed input,
66 something that is named does not exist, 69 a needed program is missing, 73 it exists already, 75 try again,
77 not allowed, 78 the keystore or the configuration is missing, malformed or not trustworthy, 79 not
in this state, 80 cancelled.)";

/// CLI11 forgets a "--" that ends the words of a command: what follows would be options again.
void refuse_behind_dashes(CLI::Option* option, const Session& session) {
  option->check([&session, name = option->get_name()](const std::string&) -> std::string {
    const auto& words = session.arguments;
    const auto dashes = std::find(words.begin(), words.end(), "--");
    const auto found = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
      return word.starts_with(name);
    });
    return found != words.end() && found > dashes ? "stands behind --, where no option is" : "";
  });
}

void add_commands(CLI::App& app, Session& session) {
  app.require_subcommand(1);
  app.fallthrough();  // so that these may stand before or after the command
  app.set_version_flag("--version", "sifctl " SIFGUARD_VERSION);
  app.set_help_flag("-h,--help", "Print this help");
  app.footer(kExamples);
  session.keystore_directory = SIFGUARD_KEYSTORE_DIR;
  CLI::Option* const keystore =
      app.add_option("--keystore", session.keystore_directory, "The keystore's directory")
          ->type_name("DIR")
          ->envname("SIFGUARD_KEYSTORE")
          ->capture_default_str();
  refuse_behind_dashes(keystore, session);
  refuse_behind_dashes(app.add_flag("--json", session.json, "Write JSON instead of text"), session);
  add_setup_command(app, session);
  add_init_commands(app, session);
  add_key_commands(app, session);
  add_signer_commands(app, session);
  add_trust_commands(app, session);
  add_ca_commands(app, session);
  add_image_commands(app, session);
  add_digest_commands(app, session);
  add_policy_commands(app, session);
  add_explain_command(app, session);
  add_test_command(app, session);
  add_audit_commands(app, session);
  add_node_commands(app, session);
  add_nodes_commands(app, session);
  add_cache_commands(app, session);
  add_bundle_commands(app, session);
  add_breakglass_commands(app, session);
  add_import_commands(app, session);
  add_doctor_command(app, session);
  add_backup_command(app, session);
  add_restore_command(app, session);
  check_values(app);
}

int run(int argc, char** argv) {
  Session session;
  Status hardened = harden_process();
  if (hardened) hardened = protect_openssl_memory();
  if (!hardened) {
    session.report(hardened.error());
    return session.status;
  }
  ::umask(077);
  CLI::App app{"Manages the keystore of sifguard: keys, signers and image bindings.", "sifctl"};
  add_commands(app, session);
  if (print_completion(app, argc, argv, known_values({argv, argv + argc}))) return 0;
  session.arguments.assign(argv + 1, argv + argc);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    if (has_unknown_words(app)) {
      session.report_usage(usage_error(app, asked));
    } else {
      app.exit(asked);
      session.answer_in_lines();
    }
  } catch (const CLI::ParseError& error) {
    session.report_usage(usage_error(app, error));
  }
  session.finish();
  return session.status;
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::guarded_main("sifctl", [&] { return sifguard::run(argc, argv); });
}
