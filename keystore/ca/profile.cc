// What a CA issues certificates for. Pure.
#include "keystore/ca/profile.h"

namespace sifguard {

std::string_view profile_name(Profile profile) noexcept {
  switch (profile) {
    case Profile::intermediate:
      return "intermediate";
    case Profile::user:
      return "user";
    case Profile::host:
      return "host";
    case Profile::signer:
      return "signer";
    case Profile::ocsp:
      break;
  }
  return "ocsp";
}

std::optional<Profile> profile_from(std::string_view name) noexcept {
  for (const Profile profile : kProfiles) {
    if (profile_name(profile) == name) return profile;
  }
  return std::nullopt;
}

const char* key_usage_of(Profile profile, bool is_rsa) noexcept {
  if (profile == Profile::intermediate) return "critical,keyCertSign,cRLSign";
  // TLS with RSA key exchange, which other key types do not have.
  if (profile == Profile::host && is_rsa) return "critical,digitalSignature,keyEncipherment";
  return "critical,digitalSignature";
}

const char* extended_key_usage_of(Profile profile) noexcept {
  switch (profile) {
    case Profile::intermediate:
      return nullptr;
    case Profile::user:
      return "clientAuth,emailProtection";
    case Profile::host:
      return "serverAuth";
    case Profile::signer:
      return "codeSigning";
    case Profile::ocsp:
      break;
  }
  return "OCSPSigning";
}

int default_days(Profile profile) noexcept {
  switch (profile) {
    case Profile::intermediate:
      return 1825;
    case Profile::ocsp:
      return 30;
    default:
      return 365;
  }
}

}  // namespace sifguard
