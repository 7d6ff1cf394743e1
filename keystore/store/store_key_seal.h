// How the store key, which encrypts all private keys of a keystore, is itself kept: seal.json, and
// the option of an admin for it. Pure.
//
//   file            32 bytes in a file that only root can read, in the keystore or, better,
//                   elsewhere: then a copy of the keystore opens nothing
//   systemd-creds   systemd-creds(1) encrypts it for this host's key, its TPM, or both
//   pkcs11          wrapped (RSA-OAEP, SHA-256) for an RSA key that lives in a token
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

enum class SealMethod { file, systemd_creds, pkcs11 };
[[nodiscard]] std::string_view seal_method_name(SealMethod method) noexcept;

/// `file[:/PATH]`, `systemd-creds[:host|tpm2|host+tpm2|auto]` or `pkcs11:URI`.
struct SealOptions {
  SealMethod method = SealMethod::file;
  std::string
      where;  ///< the path (empty: a file in the keystore), the kind of key, or the whole URI
};
/// Errors: Code::usage.
[[nodiscard]] Result<SealOptions> parse_seal_options(std::string_view text);

/// One store key and where it is. A keystore has several only while it is resealed; the first one
/// is used for writing.
struct Seal {
  std::string key_id;  ///< store_key_id()
  SealMethod method = SealMethod::file;
  std::string where;   ///< as in SealOptions; for a file in the keystore only its name
  std::string sealed;  ///< empty for a file; else the text of the method
};
/// "file /etc/sifguard/store.key", "systemd-creds (host)", for messages.
[[nodiscard]] std::string describe_seal(const Seal& seal);

[[nodiscard]] std::string format_seals(const std::vector<Seal>& seals);
/// Strict JSON (see strict_json.h). Errors: Code::config, "where: …".
[[nodiscard]] Result<std::vector<Seal>> parse_seals(std::string_view text,
                                                    const std::string& where);

}  // namespace sifguard
