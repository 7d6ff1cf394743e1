// Making a key pair for the keystore, and files to hand on: what `key create` and `key rotate` have
// in common. Runs with the rights of the admin.
//
// Everything is made first, then the files are written, then the keystore; if a step fails, what
// was written before it is taken back. The private key is on disk in the keystore and in the
// password-protected PFX file only.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "keystore/cli/password.h"
#include "keystore/cli/session.h"

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
  std::string prefix_;
  PasswordSource password_;
  bool force_ = false;
};

}  // namespace sifguard
