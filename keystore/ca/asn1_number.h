// Numbers and times in certificates and lists that a CA signs. Any privilege; pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "keystore/x509/handles.h"

namespace sifguard {

using Asn1Integer = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using Asn1Time = Owned<ASN1_TIME, ASN1_TIME_free>;

/// At most 40 hexadecimal digits. Errors: Code::internal.
[[nodiscard]] Result<Asn1Integer> asn1_from_hex(std::string_view hex);
[[nodiscard]] Result<Asn1Integer> asn1_from_int(std::int64_t number);
/// UTCTime until 2049, as RFC 5280 4.1.2.5 requires, else GeneralizedTime. Errors: Code::internal.
[[nodiscard]] Result<Asn1Time> asn1_time(std::int64_t unix_seconds);

}  // namespace sifguard
