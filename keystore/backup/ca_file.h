// A CA in one file. Pure but for what keys and tokens compute.
//
// Format 2, of a CA with a key that is not in a token: sealed_file.h, whose password authenticates
// all of it. The body is JSON {"version": 2, "made": SECONDS, "authorities": [{"name", "certificate",
// "private_key"}], "index": "…", "certificates": [{"serial", "pem"}]}; a private key is an envelope
// (envelope.h) in base64 under the secret, beside NAME ‖ "\n" ‖ certificate; "" for one in a token.
//
// Format 1, of a CA with all keys in tokens, which no password protects; older ones have their keys
// in it as PKCS#8 under the password: JSON {"version": 1, "content": "…", "signature": "…"}; the
// content is JSON as above. The signature, base64, is the root key's over "sifguard CA backup 1\n"
// ‖ content: it says nothing to who does not know the root from elsewhere.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "keystore/ca/ca_index.h"
#include "keystore/ca/ca_key.h"
#include "keystore/store/authority_store.h"

namespace sifguard {

/// Largest file: index and certificates.
inline constexpr std::size_t kMaxCaBackup = 512UL * 1024 * 1024;

/// Called at most once, when there is something that a password protects.
using AskPassword = std::function<Result<SecretBytes>()>;

struct SavedCa {
  std::vector<AuthorityEntry> authorities;  ///< root first; without a key when that is in a token
  CaIndex index;
  std::vector<std::pair<std::string, std::string>> certificates;  ///< serial, PEM
  std::int64_t made = 0;                                          ///< Unix seconds

  /// nullptr for none.
  [[nodiscard]] AuthorityEntry* find(std::string_view name) noexcept;
};

/// The root of a backup, before anything of it is used.
struct SeenRoot {
  std::string pem, subject;
  std::string fingerprint;      ///< SHA-256 of the certificate, 64 lower-case digits
  std::int64_t made = 0;        ///< when the backup was made, Unix seconds
  bool under_password = false;  ///< the whole file was: format 2
};
using CheckRoot = std::function<Status(const SeenRoot&)>;

/// Format 2. Errors: those of seal_file().
[[nodiscard]] Result<std::string> seal_ca(const SavedCa& saved, const SecretBytes& password);
/// Format 1, without keys. `root` signs.
[[nodiscard]] Result<std::string> sign_ca(const SavedCa& saved, const CaKey& root);

/// `check` has the word before a key is opened. Errors: Code::refused for a damaged or foreign file
/// or a wrong password; those of `ask` and `check`.
[[nodiscard]] Result<SavedCa> open_ca_file(std::string_view file, const AskPassword& ask,
                                           const CheckRoot& check);

}  // namespace sifguard
