// A SoftHSM token with one RSA key, deleted in the end. SoftHSM is the system's: the token has a
// name of its own. Tests only.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/unit/base/temp_dir.h"

namespace sifguard::test {

class SoftHsm {
 public:
  SoftHsm() {
    if (::geteuid() != 0 || !runs("command -v softhsm2-util && command -v pkcs11-tool")) return;
    made_ = runs("softhsm2-util --init-token --free --label " + label() +
                 " --so-pin 12345678 --pin 4321");
    good_ = made_ && pkcs11("--keypairgen --key-type rsa:2048 --label images --id 01");
    write_file(directory_ / "pin", "4321\n");
    ::chmod((directory_ / "pin").c_str(), 0600);
  }
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;
  ~SoftHsm() {
    if (made_) (void)runs("softhsm2-util --delete-token --token " + label());
  }
  /// False where there is no SoftHSM, or no root to use the system's.
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::string uri(const std::string& object = "images") const {
    return "pkcs11:token=" + label() + ";object=" + object +
           "?pin-source=file:" + (directory_ / "pin");
  }
  /// The public half as the token tells pkcs11-tool, made PEM by openssl.
  [[nodiscard]] std::string public_pem() const {
    (void)pkcs11("--read-object --type pubkey --label images -o " + (directory_ / "der"));
    (void)runs("openssl pkey -pubin -inform DER -in " + (directory_ / "der") + " -out " +
               (directory_ / "pem"));
    return read_file(directory_ / "pem");
  }
  /// What openssl encrypts with the public half.
  [[nodiscard]] std::string encrypt(const std::string& plain) const {
    write_file(directory_ / "plain", plain);
    (void)public_pem();
    (void)runs("openssl pkeyutl -encrypt -pubin -inkey " + (directory_ / "pem") + " -in " +
               (directory_ / "plain") + " -out " + (directory_ / "cipher") +
               " -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256"
               " -pkeyopt rsa_mgf1_md:sha256");
    return read_file(directory_ / "cipher");
  }

 private:
  static std::string label() { return "sifguard-unit-" + std::to_string(::getpid()); }
  static bool runs(const std::string& command) {
    return std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()) == 0;  // NOLINT
  }
  [[nodiscard]] bool pkcs11(const std::string& arguments) const {
    return runs(
        "pkcs11-tool --module $(find /usr/lib -name libsofthsm2.so | head -n 1)"
        " --token-label " +
        label() + " --login --pin 4321 " + arguments);
  }

  bool made_ = false;
  bool good_ = false;
  TempDir directory_;
};

}  // namespace sifguard::test
