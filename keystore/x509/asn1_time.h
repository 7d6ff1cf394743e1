// Times in certificates, CRLs and OCSP responses. Any privilege.
#pragma once

#include <openssl/asn1.h>

#include <cstdint>
#include <optional>

namespace sifguard {

/// Clocks of issuers may run ahead of ours by as much: seconds.
inline constexpr std::int64_t kClockSkew = 300;

/// UTCTime or GeneralizedTime as Unix seconds; nullopt when absent or malformed.
[[nodiscard]] std::optional<std::int64_t> unix_time(const ASN1_TIME* time) noexcept;

}  // namespace sifguard
