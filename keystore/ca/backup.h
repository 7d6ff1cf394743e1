// Backups of a CA: its keys under a password, its index, all certificates. The owner of the
// keystore, on the CA's host.
//
// Format: JSON {"version": 1, "content": "…", "signature": "…"}; the content, as a string, is JSON
// with the authorities (their keys as encrypted PKCS#8, which OpenSSL alone can open too; "" for a
// key in a token), the index and the certificates. The signature, base64, is the root key's over
// "sifguard CA backup 1\n" ‖ content.
//
// A restore never takes the CA back in time: what was issued or revoked since stays so, and of an
// authority's certificates the one is in charge that is not revoked and ends last.
#pragma once

#include <functional>
#include <string>

#include "keystore/ca/authority.h"

namespace sifguard {

/// Largest file: index and certificates.
inline constexpr std::size_t kMaxBackup = 512UL * 1024 * 1024;

/// Called at most once, when there is a key that a password protects.
using AskPassword = std::function<Result<SecretBytes>()>;

/// Errors: Code::config without a CA; those of `ask`, and CaKey's.
[[nodiscard]] Result<std::string> back_up_ca(const Keystore& keystore, const AskPassword& ask,
                                             std::int64_t now);

/// Where the keys are now that were in tokens: PKCS#11 URIs. "" for those that the keystore knows.
struct TokenUris {
  std::string root, intermediate;
};

struct RestoredCa {
  bool was_there;       ///< the keystore had this CA already: the two were merged
  std::size_t changes;  ///< certificates that became known or revoked by it
  std::size_t issued;   ///< known now
  std::int64_t made;    ///< when the backup was made
};
/// Errors, nothing having changed: Code::refused for a damaged or foreign file or a wrong password;
/// Code::usage when the keystore has another CA, or a key's token is not named.
[[nodiscard]] Result<RestoredCa> restore_ca(const Keystore& keystore, std::string_view file,
                                            const AskPassword& ask, const TokenUris& tokens);

}  // namespace sifguard
