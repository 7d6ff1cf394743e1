// One OCSP response that has just arrived, before it is kept. Unprivileged; the bytes are hostile.
#pragma once

#include <string_view>

#include "keystore/x509/crl_check.h"

namespace sifguard {

struct OcspAnswer {
  std::int64_t from = 0;   ///< thisUpdate, Unix seconds
  std::int64_t until = 0;  ///< nextUpdate
};

/// That the response is about `certificate`, is signed for `issuer` and fresh at `now`: whatever it
/// says then, also "unknown", is worth keeping. Errors: Code::refused, a clause without subject.
[[nodiscard]] Result<OcspAnswer> read_ocsp_answer(std::string_view der, X509* certificate,
                                                  X509* issuer, const CrlSet& crls,
                                                  std::int64_t now);

}  // namespace sifguard
