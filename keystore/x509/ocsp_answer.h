// One OCSP response that has just arrived, before it is kept. Unprivileged; the bytes are hostile.
//
// A revocation is for good, but for certificateHold (RFC 5280 5.3.1): an answer that says so is
// never replaced by one that does not, however new, as it may come from a replica that lags behind.
#pragma once

#include <cstdint>
#include <string_view>

#include "keystore/x509/crl_check.h"

namespace sifguard {

struct OcspAnswer {
  std::int64_t from = 0;   ///< thisUpdate, Unix seconds
  std::int64_t until = 0;  ///< nextUpdate
  bool is_revoked = false;
  bool is_on_hold = false;  ///< revoked, and may become good again
};

/// Whether a status (V_OCSP_CERTSTATUS_…) with this reason (OCSP_REVOKED_STATUS_…) is for good.
[[nodiscard]] bool is_final_revocation(int status, int reason) noexcept;

/// That the response is about `certificate`, is signed for `issuer` and fresh at `now`: whatever it
/// says then, also "unknown", is worth keeping. Errors: Code::refused, a clause without subject.
[[nodiscard]] Result<OcspAnswer> read_ocsp_answer(std::string_view der, X509* certificate,
                                                  X509* issuer, const CrlSet& crls,
                                                  std::int64_t now);

/// The same of a response that was kept, which may have ended since: it is judged at a time when it
/// held. Errors: Code::refused.
[[nodiscard]] Result<OcspAnswer> read_kept_answer(std::string_view der, X509* certificate,
                                                  X509* issuer, const CrlSet& crls,
                                                  std::int64_t now);

/// Whether `fresh` may take the place of `known`, about the same certificate. One of the future,
/// which entered under a wrong clock, gives way to one that is not, unless it alone revokes for
/// good.
[[nodiscard]] bool may_replace(const OcspAnswer& fresh, const OcspAnswer& known,
                               std::int64_t now) noexcept;

}  // namespace sifguard
