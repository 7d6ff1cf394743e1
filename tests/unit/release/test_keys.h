// RSA keys and volume-key messages made by the openssl program. Tests only.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/rsa.h"
#include "keystore/store/stored_key.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard::test {

inline void must_run(const std::string& command) {
  const int status = std::system((command + " 2>/dev/null").c_str());  // NOLINT
  if (status != 0) throw std::runtime_error("failed: " + command);
}

inline SecretBytes secret_of(std::string_view text) {
  return *SecretBytes::copy_of(as_bytes(text));
}
inline std::string text_of(const SecretBytes& secret) {
  return std::string(as_text(secret.bytes()));
}

/// A key pair as `openssl genrsa` makes it, in a directory of its own.
class OpensslKey {
 public:
  explicit OpensslKey(int bits = 2048) : bits_(bits) {
    must_run("openssl genrsa -out " + path() + " " + std::to_string(bits));
  }
  [[nodiscard]] std::string path() const { return directory_ / "key.pem"; }
  [[nodiscard]] RsaPrivateKey key() const {
    return *RsaPrivateKey::from_pem(secret_of(read_file(path())), nullptr);
  }
  [[nodiscard]] RsaPublicKey public_key() const { return *key().public_key(); }
  /// As a keystore holds it.
  [[nodiscard]] StoredPrivateKey stored() const {
    KeyEntry entry;
    entry.record.id = *public_key().id();
    entry.private_half = *key().pkcs8_pem();
    entry.public_pem = *public_key().spki_pem();
    return {std::move(entry), "keys"};
  }
  [[nodiscard]] std::size_t block() const { return static_cast<std::size_t>(bits_) / 8; }

  /// One RSA-OAEP-SHA256 block of openssl's.
  [[nodiscard]] std::string encrypt(const std::string& plain,
                                    const std::string& hash = "sha256") const {
    write_file(directory_ / "plain", plain);
    must_run("openssl pkeyutl -encrypt -inkey " + path() + " -in " + (directory_ / "plain") +
             " -out " + (directory_ / "cipher") + " -pkeyopt rsa_padding_mode:oaep" +
             " -pkeyopt rsa_oaep_md:" + hash + " -pkeyopt rsa_mgf1_md:" + hash);
    return read_file(directory_ / "cipher");
  }
  [[nodiscard]] std::string decrypt(const std::string& cipher, std::string_view label = {}) const {
    return decrypt_with(path(), cipher, label);
  }
  /// The same with any private key file.
  [[nodiscard]] std::string decrypt_with(const std::string& key, const std::string& cipher,
                                         std::string_view label = {}) const {
    write_file(directory_ / "cipher", cipher);
    must_run("openssl pkeyutl -decrypt -inkey " + key + " -in " + (directory_ / "cipher") +
             " -out " + (directory_ / "plain") + " -pkeyopt rsa_padding_mode:oaep" +
             " -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256" +
             (label.empty() ? "" : " -pkeyopt rsa_oaep_label:" + to_hex(as_bytes(label))));
    return read_file(directory_ / "plain");
  }

  /// A PEM MESSAGE around an OCTET STRING, both written by openssl.
  [[nodiscard]] std::string message(const std::string& cipher) const {
    write_file(directory_ / "cipher", cipher);
    std::string hex;
    for (const char c : cipher) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
      hex += digits;
    }
    write_file(directory_ / "asn1.cnf", "asn1=FORMAT:HEX,OCTETSTRING:" + hex + "\n");
    must_run("openssl asn1parse -genconf " + (directory_ / "asn1.cnf") + " -noout -out " +
             (directory_ / "der"));
    must_run("openssl base64 -in " + (directory_ / "der") + " -out " + (directory_ / "base64"));
    return "-----BEGIN MESSAGE-----\n" + read_file(directory_ / "base64") +
           "-----END MESSAGE-----\n";
  }

 private:
  int bits_;
  TempDir directory_;
};

/// Making keys takes time: two are shared by all tests of a program.
inline const OpensslKey& long_term_key() {
  static const OpensslKey key;
  return key;
}
inline const OpensslKey& other_key() {
  static const OpensslKey key;
  return key;
}

}  // namespace sifguard::test
