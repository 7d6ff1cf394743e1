// Making a key pair for the keystore, and files to hand on: what `key create` and `key rotate` have
// in common. Runs with the rights of the admin.
//
// Everything is made first, then the files are written, then the keystore; if a step fails, what
// was written before it is taken back; what a crash interrupts, the same command finishes
// (key_on_its_way.h). The private key is on disk in the keystore and in the password-protected PFX
// file only.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "keystore/cli/key_files.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/store/key_on_its_way.h"

namespace sifguard {

class KeyMaker {
 public:
  std::string name;
  int bits = 4096;
  std::string predecessor;  ///< the id of the key to replace, or empty

  /// Adds --file-prefix, --pfx-password-file, --pfx-password-fd and --force.
  void offer(CLI::App* command);
  /// What can be said before a key is made, which takes seconds.
  Status check_early(const Keystore& keystore) const;
  /// Makes, stores and shows the key.
  Status make(const Session& session, Keystore& keystore) const;

 private:
  [[nodiscard]] Result<std::optional<KeyOnItsWay>> interrupted(const Keystore& keystore) const;
  [[nodiscard]] Result<KeyPair> pair_for(const Session& session) const;
  [[nodiscard]] Status make_with_files(const Session& session, Keystore& keystore) const;
  [[nodiscard]] Status go_on(const Session& session, Keystore& keystore, const KeyOnItsWay& left,
                             const SecretBytes& password) const;
  /// Puts the files in place, and the key into the keystore.
  [[nodiscard]] Status finish(const Session& session, Keystore& keystore, const KeyPair& made,
                              std::vector<OutputFile>& files) const;
  std::string prefix_;
  PasswordSource password_;
  bool force_ = false;
};

}  // namespace sifguard
