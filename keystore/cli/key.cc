// sifctl key list|show|export-public. Runs with the rights of the admin.
#include "keystore/cli/key.h"

namespace sifguard {

void add_key_commands(CLI::App& app, Session& session) {
  static_cast<void>(session);
  auto* group = app.add_subcommand("key", "Keys that images are encrypted for");
  group->require_subcommand(1);
}

}  // namespace sifguard
