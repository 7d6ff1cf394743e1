// The profiles of certificates that a CA issues: the key usages of each, and nothing else. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace sifguard {

enum class Profile {
  intermediate,  ///< a CA below the root: keyCertSign, cRLSign
  user,          ///< clientAuth, emailProtection
  host,          ///< serverAuth, with subject alternative names
  signer,        ///< codeSigning: signs images
  ocsp,          ///< OCSPSigning, id-pkix-ocsp-nocheck: answers for the authority that issued it
};
inline constexpr std::array kProfiles = {Profile::intermediate, Profile::user, Profile::host,
                                         Profile::signer, Profile::ocsp};

/// "intermediate", "user", "host", "signer", "ocsp".
[[nodiscard]] std::string_view profile_name(Profile profile) noexcept;
[[nodiscard]] std::optional<Profile> profile_from(std::string_view name) noexcept;

/// Extension values in OpenSSL's configuration syntax; null for an extension that is absent.
[[nodiscard]] const char* key_usage_of(Profile profile, bool is_rsa) noexcept;
[[nodiscard]] const char* extended_key_usage_of(Profile profile) noexcept;

/// How long a certificate is valid by default.
[[nodiscard]] int default_days(Profile profile) noexcept;

}  // namespace sifguard
