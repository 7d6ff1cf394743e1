// sifctl init: makes a keystore. Runs with the rights of the admin.
#include "keystore/cli/init.h"

#include "keystore/base/text.h"

namespace sifguard {

void add_init_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("init", "Make a new, empty keystore");
  command->footer(R"(
An existing keystore is left as it is. The directory above must exist.
  sifctl init
  sifctl --keystore /srv/sifguard/keystore init)");
  session.on(command, [&session]() -> Status {
    SG_TRY(const std::string directory, session.absolute_keystore_directory());
    SG_TRY(const Keystore::Init init, Keystore::init(directory, Session::trust()));
    session.out((init.created ? "keystore made: " : "already a keystore, nothing changed: ") +
                printable(directory) + "\n");
    return {};
  });
}

}  // namespace sifguard
