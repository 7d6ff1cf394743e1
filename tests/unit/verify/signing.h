// Signs test images the way sylabs/sif does: statements made here from OpenSSL's one-shot digests,
// signatures by the real gpg in a home of its own. Tests only; shares no code with the verifier.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/unit/sif/sif_builder.h"

namespace sifguard::test {

inline std::string hex_digest(const std::string& data, const char* algorithm = "sha256") {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_get_digestbyname(algorithm),
             nullptr);
  std::string text = std::string(algorithm) + ":";
  for (unsigned i = 0; i < size; ++i) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", digest[i]);
    text += digits.data();
  }
  return text;
}

inline std::string header_digest_of(const std::string& image, const char* algorithm = "sha256") {
  return hex_digest(image.substr(0, 45) + image.substr(48, 16), algorithm);
}

/// One entry for the object in table slot `slot`.
inline std::string entry_of(const std::string& image, std::size_t slot, std::uint32_t relative,
                            const char* algorithm = "sha256") {
  const std::string row = image.substr(at(slot, 0), kRow);
  const std::string covered = row.substr(0, 5) + le32(relative) + row.substr(13, 4) +
                              row.substr(25, 8) + row.substr(41, 8) + row.substr(57);
  const std::string data = image.substr(peek<std::uint64_t>(image, at(slot, 17)),
                                        peek<std::uint64_t>(image, at(slot, 25)));
  return "{\"relativeId\":" + std::to_string(relative) + ",\"descriptorDigest\":\"" +
         hex_digest(covered, algorithm) + "\",\"objectDigest\":\"" + hex_digest(data, algorithm) +
         "\"}";
}

/// The statement over every object of `group`.
inline std::string statement_of(const std::string& image, std::uint32_t group = 1,
                                const char* algorithm = "sha256") {
  std::string entries;
  std::uint32_t lowest = 0;
  const auto rows = peek<std::uint64_t>(image, 88);
  for (std::size_t slot = 0; slot < rows; ++slot) {
    if (image[at(slot, 4)] != 1) continue;
    if (peek<std::uint32_t>(image, at(slot, 9)) != (0xf0000000U | group)) continue;
    const auto id = peek<std::uint32_t>(image, at(slot, 5));
    if (lowest == 0) lowest = id;  // tests add objects in ascending order
    entries += (entries.empty() ? "" : ",") + entry_of(image, slot, id - lowest, algorithm);
  }
  return "{\"version\":1,\"header\":{\"digest\":\"" + header_digest_of(image, algorithm) +
         "\"},\"objects\":[" + entries + "]}";
}

/// gpg with a temporary home. Keys are generated without a passphrase.
class TestGpg {
 public:
  TestGpg() {
    std::string pattern = "/tmp/sgXXXXXX";  // short: gpg-agent's socket lies in it
    if (::mkdtemp(pattern.data()) != nullptr) home_ = pattern;
  }
  ~TestGpg() {
    run("gpgconf --homedir " + home_ + " --kill all");
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }
  TestGpg(const TestGpg&) = delete;
  TestGpg& operator=(const TestGpg&) = delete;

  /// Makes an Ed25519 signing key; `options` go to gpg ("--faked-system-time …"). Its fingerprint.
  std::string generate(const std::string& name, const std::string& expiry = "never",
                       const std::string& options = "") const {
    gpg(options + " --quick-gen-key '" + name + " <" + name + "@example.org>' ed25519 sign " +
        expiry);
    const std::string list = gpg(options + " --with-colons --list-keys " + name + "@example.org");
    const std::size_t start = list.find("fpr:::::::::");
    return start == std::string::npos ? "" : list.substr(start + 12, 40);
  }

  [[nodiscard]] std::string public_key(const std::string& fingerprint) const {
    return gpg("--armor --export " + fingerprint);
  }

  /// Adds a subkey that signs; gives its fingerprint.
  [[nodiscard]] std::string add_subkey(const std::string& primary, const std::string& expiry,
                                       const std::string& options = "") const {
    gpg(options + " --quick-add-key " + primary + " ed25519 sign " + expiry);
    const std::string list = gpg("--with-colons --list-keys " + primary);
    const std::size_t start = list.rfind("fpr:::::::::");
    return start == std::string::npos ? "" : list.substr(start + 12, 40);
  }
  /// The primary key's `number`th subkey, from 1, is revoked.
  void revoke_subkey(const std::string& primary, int number) const {
    run("printf 'key " + std::to_string(number) +
        "\\nrevkey\\ny\\n0\\n\\ny\\nsave\\n' | gpg --homedir " + home_ +
        " --no-tty --pinentry-mode loopback --passphrase '' --command-fd 0 --edit-key " + primary);
  }

  /// gpg's own revocation certificate, applied.
  void revoke(const std::string& fingerprint) const {
    run("sed 's/^:-----/-----/' " + home_ + "/openpgp-revocs.d/" + fingerprint + ".rev > " + home_ +
        "/rev");
    gpg("--import " + home_ + "/rev");
  }

  [[nodiscard]] std::string clearsign(const std::string& text, const std::string& fingerprint,
                                      const std::string& options = "") const {
    std::ofstream(home_ + "/text", std::ios::binary) << text;
    return gpg(options + " --local-user " + fingerprint + "! --output - --clearsign " + home_ +
               "/text");
  }

 private:
  static std::string run(const std::string& command) {
    std::string out;
    FILE* const pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
    if (pipe == nullptr) return out;
    std::array<char, 4096> chunk{};
    for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
      out.append(chunk.data(), got);
    }
    ::pclose(pipe);
    return out;
  }
  std::string gpg(const std::string& arguments) const {
    return run("gpg --homedir " + home_ +
               " --batch --yes --passphrase '' --pinentry-mode loopback " + arguments);
  }
  std::string home_;
};

/// The image with a signature by `fingerprint` over `group` added.
inline std::string signed_image(SifBuilder builder, const TestGpg& gpg,
                                const std::string& fingerprint, std::uint32_t group = 1,
                                const std::string& options = "") {
  const std::string statement = statement_of(builder.build(), group);
  builder.add(signature_of(gpg.clearsign(statement, fingerprint, options), group));
  return builder.build();
}

}  // namespace sifguard::test
