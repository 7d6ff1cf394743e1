// A gpg of the tests' own, as the maker of keys and signatures. Tests only.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/crypto/tools.h"

namespace sifguard::test {

/// Its home is DIR/gnupg; its agent goes with it.
class Gnupg {
 public:
  explicit Gnupg(const TempDir& dir) : dir_(dir) { run(dir_, "mkdir -m 700 gnupg"); }
  Gnupg(const Gnupg&) = delete;
  Gnupg& operator=(const Gnupg&) = delete;
  ~Gnupg() { run(dir_, "gpgconf --homedir gnupg --kill all"); }

  /// gpg with these arguments; its output is in DIR/log.
  int gpg(const std::string& arguments) const {
    return run(dir_, "gpg --homedir gnupg --batch --yes --pinentry-mode loopback --passphrase '' " +
                         arguments);
  }
  /// Makes a primary key and returns its fingerprint. `when` is a --faked-system-time.
  std::string key(const std::string& name, const std::string& algorithm = "ed25519",
                  const std::string& usage = "sign", const std::string& expires = "never",
                  const std::string& when = "") const {
    gpg(faked(when) + "--quick-gen-key " + name + " " + algorithm + " " + usage + " " + expires);
    return fingerprints(name).at(0);
  }
  /// Adds a subkey and returns its fingerprint.
  std::string subkey(const std::string& primary, const std::string& algorithm = "ed25519",
                     const std::string& usage = "sign", const std::string& expires = "never",
                     const std::string& when = "") const {
    gpg(faked(when) + "--quick-add-key " + primary + " " + algorithm + " " + usage + " " + expires);
    return fingerprints(primary).back();
  }
  /// Of the primary key and its subkeys.
  [[nodiscard]] std::vector<std::string> fingerprints(const std::string& name) const {
    gpg("--with-colons --list-keys " + name);
    std::vector<std::string> found;
    std::istringstream lines(read_file(dir_ / "log"));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("fpr:::::::::")) found.push_back(line.substr(12, 40));
    }
    return found;
  }
  [[nodiscard]] std::string exported(const std::string& name,
                                     const std::string& how = "--armor") const {
    gpg(how + " -o exported --export " + name);
    return read_file(dir_ / "exported");
  }
  /// A signature by `signer` over `data`, made with these options (default: detached, armored).
  [[nodiscard]] std::string signature(const std::string& signer, const std::string& data,
                                      const std::string& how = "--armor --detach-sign",
                                      const std::string& when = "") const {
    write_file(dir_ / "data", data);
    const std::string exact = signer.size() == 40 ? "!" : "";  // this very (sub)key
    gpg(faked(when) + "-u " + signer + exact + " -o sig " + how + " data");
    return read_file(dir_ / "sig");
  }
  static std::string faked(const std::string& when) {
    return when.empty() ? "" : "--faked-system-time " + when + " ";
  }

 private:
  const TempDir& dir_;
};

}  // namespace sifguard::test
