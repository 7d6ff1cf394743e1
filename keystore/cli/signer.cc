// sifctl signer add|list|remove. Runs with the rights of the admin.
#include "keystore/cli/signer.h"

namespace sifguard {

void add_signer_commands(CLI::App& app, Session& session) {
  static_cast<void>(session);
  auto* group = app.add_subcommand("signer", "Whose signatures bindings may ask for");
  group->require_subcommand(1);
}

}  // namespace sifguard
