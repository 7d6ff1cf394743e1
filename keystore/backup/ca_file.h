// The CA in a backup. Pure but for what keys and tokens compute.
//
// A backup of a keystore (password_file.h, with an archive.h inside) has the CA with the rest. An
// older sifctl also wrote CAs alone, which are read and no longer written:
//
// Format 2, of a CA with a key that is not in a token: password_file.h, whose password
// authenticates all of it. The body is JSON {"version": 2, "made": SECONDS, "authorities":
// [{"name", "certificate", "private_key"}], "index": "…", "certificates": [{"serial", "pem"}]}; a
// private key is an envelope (envelope.h) in base64 under the secret, beside NAME ‖ "\n" ‖
// certificate; "" for one in a token.
//
// Format 1, of a CA with all keys in tokens, which no password protects; older ones have their keys
// in it as PKCS#8 under the password: JSON {"version": 1, "content": "…", "signature": "…"}; the
// content is JSON as above. The signature, base64, is the root key's over "sifguard CA backup 1\n"
// ‖ content: it says nothing to who does not know the root from elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keystore/backup/collect.h"
#include "keystore/ca/ca_index.h"
#include "keystore/ca/ca_key.h"
#include "keystore/store/authority_store.h"

namespace sifguard {

/// Called at most once, when there is something that a password protects.
using AskPassword = std::function<Result<SecretBytes>()>;

struct SavedCa {
  /// Root first. A key in a token: its URI from a keystore's backup, nothing from a CA's alone.
  std::vector<AuthorityEntry> authorities;
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
  bool under_password = false;  ///< the whole file was: not format 1
};
using CheckRoot = std::function<Status(const SeenRoot&)>;

/// Of a keystore's backup; nullopt where the keystore had none. Errors: Code::refused for one that
/// was damaged.
[[nodiscard]] Result<std::optional<SeenRoot>> root_in(const Archive& archive);
/// That the CA in it, if there is one, can be brought back from it. Errors: Code::refused.
Status check_ca_in(const Backup& backup);

/// Of all forms. `check` has the word before a key is opened. Errors: Code::refused for a damaged
/// or foreign file, a wrong password or a backup without a CA; those of `ask` and `check`.
[[nodiscard]] Result<SavedCa> open_ca_file(std::string_view file, const AskPassword& ask,
                                           const CheckRoot& check);

}  // namespace sifguard
