// Times in certificates, CRLs and OCSP responses. Any privilege.
#pragma once

#include <openssl/asn1.h>

#include <cstdint>
#include <optional>

#include "keystore/base/clock.h"

namespace sifguard {

/// UTCTime or GeneralizedTime as Unix seconds; nullopt when absent or malformed.
[[nodiscard]] std::optional<std::int64_t> unix_time(const ASN1_TIME* time) noexcept;

}  // namespace sifguard
