// Signers, a keystore, images signed by gpg, and the real programs. Tests only; needs root and gpg.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "keystore/store/keystore.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/verify/signing.h"

#define REQUIRE_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root"

namespace sifguard::test {

inline constexpr uid_t kUser = 65534;  // nobody, on every Debian
inline constexpr gid_t kGroup = 65534;

/// Puts the programs into `directory` with the modes that packages give them.
inline void install_programs(const std::string& directory) {
  std::filesystem::create_directories(directory);
  for (const char* name :
       {"sifguard-opener", "sifguard-verifier", "sifguard-pgp", "sifguard-pki"}) {
    const std::string path = directory + "/" + name;
    std::filesystem::copy_file(std::string(SIFGUARD_BIN) + "/" + name, path);
    ::chmod(path.c_str(), std::string(name) == "sifguard-opener" ? 0711 : 0755);
  }
  ::chmod(directory.c_str(), 0755);
}

/// Two signers, whose keys gpg makes once for all tests of a program.
class Signers {
 public:
  TestGpg gpg;
  std::string alice = gpg.generate("alice");
  std::string bob = gpg.generate("bob");
};
inline const Signers& signers() {
  static const Signers all;
  return all;
}

inline void add_signer(Keystore& keystore, const std::string& fingerprint) {
  OpenPgpKey key;
  key.fingerprint = fingerprint;
  key.user_id = "signer";
  key.algorithm = "ed25519";
  if (!keystore.add_signer(key, signers().gpg.public_key(fingerprint))) {
    throw std::runtime_error("cannot add a signer");
  }
}

inline std::string image_signed_by(const std::string& fingerprint) {
  return signed_image(plain_image(), signers().gpg, fingerprint);
}

}  // namespace sifguard::test
