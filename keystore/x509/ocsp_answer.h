// One OCSP response that has just arrived, before it is stored. Unprivileged; the bytes are
// hostile.
//
// A revocation is permanent, except for certificateHold (RFC 5280 5.3.1): an answer that says so is
// never replaced by one that does not, however new, because the latter may come from an outdated
// replica.
#pragma once

#include <cstdint>
#include <string_view>

#include "keystore/x509/crl_check.h"

namespace sifguard {

struct OcspAnswer {
  std::int64_t from = 0;   ///< thisUpdate, Unix seconds
  std::int64_t until = 0;  ///< nextUpdate
  bool is_revoked = false;
  bool is_on_hold = false;  ///< revoked, but may become good again
};

/// Whether a status (V_OCSP_CERTSTATUS_…) with this reason (OCSP_REVOKED_STATUS_…) is permanent.
[[nodiscard]] bool is_final_revocation(int status, int reason) noexcept;

/// Checks that the response is about `certificate`, is signed for `issuer` and is fresh at `now`.
/// Then any answer, also "unknown", is worth storing. Errors: Code::refused, a clause without
/// subject.
[[nodiscard]] Result<OcspAnswer> read_ocsp_answer(std::string_view der, X509* certificate,
                                                  X509* issuer, const CrlSet& crls,
                                                  std::int64_t now);

/// The same for a stored response, which may have expired: it is judged at a time when it was
/// valid. Errors: Code::refused.
[[nodiscard]] Result<OcspAnswer> read_kept_answer(std::string_view der, X509* certificate,
                                                  X509* issuer, const CrlSet& crls,
                                                  std::int64_t now);

/// Whether `fresh` may replace `known`, about the same certificate. A stored answer that is dated
/// in the future was added under a wrong clock and may be replaced by one that is not, unless only
/// the stored one revokes permanently.
[[nodiscard]] bool may_replace(const OcspAnswer& fresh, const OcspAnswer& known,
                               std::int64_t now) noexcept;

}  // namespace sifguard
