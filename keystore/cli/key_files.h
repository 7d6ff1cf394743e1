// The files of a key that `key create` and `key rotate` hand on: P.pem (SubjectPublicKeyInfo),
// P.pkcs1.pem, and P.pfx with key and certificate under a password. Runs with the rights of the
// admin.
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
/// In the order in which they are shown; the PFX is put in place first: with it what a crash
/// interrupts can be finished.
inline constexpr std::array<const char*, 3> kKeySuffixes = {".pem", ".pkcs1.pem", kPfxSuffix};

/// All three, not in place yet.
[[nodiscard]] Result<std::vector<OutputFile>> stage_key_files(const std::string& prefix,
                                                              const KeyPair& made,
                                                              const std::string& name,
                                                              const SecretBytes& password,
                                                              bool overwrite);
/// Those that are missing beside the PFX. Errors: Code::exists where one is another key's.
[[nodiscard]] Result<std::vector<OutputFile>> stage_missing_key_files(const std::string& prefix,
                                                                      const RsaPublicKey& half);
/// What the PFX holds. Errors: Code::exists where that is another key than `id`; Code::refused for
/// another password.
[[nodiscard]] Result<KeyPair> reopen_key_files(const std::string& prefix, const std::string& id,
                                               const SecretBytes& password);

}  // namespace sifguard
