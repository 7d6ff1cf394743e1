// What `sifctl setup` puts into the keystore, by the functions of the commands that do only one of
// these things each. Runs with the rights of the admin; with --dry-run nothing is changed.
#pragma once

#include <optional>
#include <string>

#include "keystore/cli/image_bind.h"
#include "keystore/cli/key_make.h"
#include "keystore/cli/setup_report.h"
#include "keystore/cli/signer_file.h"

namespace sifguard {

/// What the keystore is to have; what is empty is not wanted.
struct SetupWanted {
  std::string seal = "file";
  SignerFile signer;
  std::string key, bits = "4096";
  std::string public_key;  ///< the file for the key's public half
  BindOptions bind;
};

class KeystoreSetup {
 public:
  KeystoreSetup(Session& session, const SetupWanted& wanted) : session_(session), wanted_(wanted) {}

  /// Where the store key is, after keystore(); with --dry-run where it would be.
  [[nodiscard]] const std::string& store_key() const noexcept { return store_key_; }
  /// To be called in this order.
  [[nodiscard]] Result<SetupStep> keystore();
  [[nodiscard]] Result<SetupStep> signer();
  [[nodiscard]] Result<SetupStep> key();
  [[nodiscard]] Result<SetupStep> public_key();
  [[nodiscard]] Result<SetupStep> binding();

 private:
  [[nodiscard]] Result<SetupStep> held_signers() const;
  [[nodiscard]] Result<SetupStep> add_signer();
  [[nodiscard]] Result<SetupStep> held_keys() const;
  [[nodiscard]] Result<SetupStep> make_key();
  [[nodiscard]] Result<std::optional<KeyRecord>> held_key() const;
  [[nodiscard]] Result<SetupStep> held_bindings() const;
  [[nodiscard]] Result<std::string> signer_for_binding() const;
  [[nodiscard]] Result<bool> only_planned(const std::string& signer) const;
  [[nodiscard]] Result<SetupStep> bind_with(const BindOptions& options);
  Session& session_;
  const SetupWanted& wanted_;
  std::optional<Keystore> keystore_;  ///< absent if it is not made, also in a dry run
  std::string store_key_;
  std::string signer_name_;  ///< of the signer's file
  bool key_ready_ = false;
};

}  // namespace sifguard
