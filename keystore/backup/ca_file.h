// The CA in a backup. Pure, except for what keys and tokens compute.
//
// A backup of a keystore (password_file.h, with an archive.h inside) contains the CA. Older
// versions of sifctl also wrote backups of a CA alone, which are still read but no longer written:
//
// Format 2, of a CA with a key that is not in a token: password_file.h, whose password
// authenticates all of it. The body is JSON {"version": 2, "made": SECONDS, "authorities":
// [{"name", "certificate", "private_key"}], "index": "…", "certificates": [{"serial", "pem"}]}; a
// private key is an envelope (envelope.h) in base64 under the secret, beside NAME ‖ "\n" ‖
// certificate; "" for one in a token.
//
// Format 1, of a CA with all keys in tokens, which no password protects; older ones have their keys
// in it as PKCS#8 under the password: JSON {"version": 1, "content": "…", "signature": "…"}; the
// content is JSON as above. The signature, base64, is made by the root key over "sifguard CA backup
// 1\n" ‖ content: it proves nothing unless the reader knows the root from another source.
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

/// Called at most once, when a password protects something.
using AskPassword = std::function<Result<SecretBytes>()>;

struct SavedCa {
  /// Root first. For a key in a token: its URI if the backup is a keystore's, nothing if it is of a
  /// CA alone.
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
  bool under_password = false;  ///< the password protects the whole file: it is not format 1
};
using CheckRoot = std::function<Status(const SeenRoot&)>;

/// The root in a keystore's backup; nullopt if the keystore had none. Errors: Code::refused if it
/// is damaged.
[[nodiscard]] Result<std::optional<SeenRoot>> root_in(const Archive& archive);
/// Checks that the CA in the backup, if there is one, can be restored. Errors: Code::refused.
Status check_ca_in(const Backup& backup);

/// Opens all forms. `check` is called before a key is opened. Errors: Code::refused for a damaged
/// or foreign file, a wrong password or a backup without a CA; those of `ask` and `check`.
[[nodiscard]] Result<SavedCa> open_ca_file(std::string_view file, const AskPassword& ask,
                                           const CheckRoot& check);

}  // namespace sifguard
