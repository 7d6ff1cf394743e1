// The files of a key that `key create` and `key rotate` write for others: P.pem
// (SubjectPublicKeyInfo), P.pkcs1.pem, and P.pfx with key and certificate under a password. Runs
// with the rights of the admin.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "keystore/cli/output_file.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

struct KeyPair {
  RsaPrivateKey key;
  Certificate certificate;
};

inline constexpr const char* kPfxSuffix = ".pfx";
/// In the order in which they are shown. The PFX is written first, because with it a command that a
/// crash interrupted can be finished.
inline constexpr std::array<const char*, 3> kKeySuffixes = {".pem", ".pkcs1.pem", kPfxSuffix};

/// Prepares all three; they are not yet in place.
[[nodiscard]] Result<std::vector<OutputFile>> stage_key_files(const std::string& prefix,
                                                              const KeyPair& made,
                                                              const std::string& name,
                                                              const SecretBytes& password,
                                                              bool overwrite);
/// Whether they could be written.
Status try_key_files(const std::string& prefix, bool overwrite);
/// Prepares those that are missing beside the PFX. Errors: Code::exists if one of them belongs to
/// another key.
[[nodiscard]] Result<std::vector<OutputFile>> stage_missing_key_files(const std::string& prefix,
                                                                      const RsaPublicKey& half);
/// The content of the PFX. Errors: Code::exists if it is another key than `id`; Code::refused for a
/// wrong password.
[[nodiscard]] Result<KeyPair> reopen_key_files(const std::string& prefix, const std::string& id,
                                               const SecretBytes& password);

}  // namespace sifguard
