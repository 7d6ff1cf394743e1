// Makes a key pair for the keystore, and files for others: the common part of `key create` and `key
// rotate`. Runs with the rights of the admin.
//
// First everything is made, then the files are written, then the keystore. If a step fails, what
// was written before it is removed. If a crash interrupts it, the same command finishes it
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
  /// Whether an interrupted run with this prefix was making `key`, which is in the keystore: make()
  /// then finishes it, under the key's name.
  [[nodiscard]] bool was_making(const Keystore& keystore, const KeyRecord& key) const;
  /// Checks what can be checked before a key is made, which takes seconds.
  Status check_early(const Keystore& keystore) const;
  /// Makes the key and stores it, without files.
  [[nodiscard]] Result<KeyRecord> make_alone(const Session& session, Keystore& keystore) const;
  /// Makes, stores and shows the key.
  Status make(const Session& session, Keystore& keystore) const;
  /// For a dry run: reads and checks what make() would before it makes something. Returns the key
  /// of an interrupted run that make() would finish.
  [[nodiscard]] Result<std::optional<KeyPair>> try_out(const Keystore& keystore) const;

 private:
  /// The password for the PFX file, read and checked now, not after the key is made.
  [[nodiscard]] Result<SecretBytes> read_password() const;
  [[nodiscard]] Result<KeyPair> reopen(const KeyOnItsWay& left, const SecretBytes& password) const;
  [[nodiscard]] std::optional<KeyOnItsWay> left_of(const Keystore& keystore,
                                                   const std::string& named) const;
  [[nodiscard]] std::optional<KeyOnItsWay> interrupted(const Keystore& keystore) const;
  [[nodiscard]] Result<KeyPair> pair_for(const Session& session) const;
  [[nodiscard]] Status make_with_files(const Session& session, Keystore& keystore) const;
  [[nodiscard]] Status go_on(const Session& session, Keystore& keystore, const KeyOnItsWay& left,
                             const SecretBytes& password) const;
  [[nodiscard]] Result<KeyRecord> store(Keystore& keystore, const KeyPair& made) const;
  /// Puts the files in place, and adds the key to the keystore.
  [[nodiscard]] Status finish(const Session& session, Keystore& keystore, const KeyPair& made,
                              std::vector<OutputFile>& files) const;
  std::string prefix_;
  PasswordSource password_;
  bool force_ = false;
};

}  // namespace sifguard
