// Grants that let one user pass one binding, for a time and with a reason: breakglass.json in the
// keystore. Root on nodes; the owner of the keystore in `sifctl`. keystore/policy/policy.h says
// what a grant replaces.
//
// The file is JSON, read strictly: {"version": 2, "grants": [{"id": "bg-…",
// "binding", "user", "since": SECONDS, "until": SECONDS, "reason", "by", "conditions": DIGEST}]};
// version 1 had no conditions. A keystore without the file has no grants. Expired grants are
// removed when the next one is added; the audit log keeps all.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kBreakGlassFile = "breakglass.json";

struct BreakGlassGrant {
  std::string id;  ///< "bg-" and 16 lower-case hexadecimal digits
  std::string binding, user;
  std::int64_t since = 0, until = 0;  ///< Unix seconds, at most a day apart
  std::string reason;                 ///< one line
  std::string by;                     ///< the admin who made the grant
  /// digest_of_conditions() of the binding (keystore/store/break_glass_fit.h); empty if an older
  /// sifctl made it, or its binding was removed; then the grant no longer counts.
  std::string conditions = {};
};

[[nodiscard]] std::string format_grants(const std::vector<BreakGlassGrant>& grants);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<std::vector<BreakGlassGrant>> parse_grants(std::string_view text,
                                                                const std::string& where);

/// All grants, also expired ones. Errors: Code::config.
[[nodiscard]] Result<std::vector<BreakGlassGrant>> break_glass_grants(const Keystore& keystore);
/// Makes the `id` and adds the grant. Errors: Code::usage for a grant that could not be read again.
[[nodiscard]] Result<BreakGlassGrant> add_grant(const Keystore& keystore, BreakGlassGrant grant);
/// Errors: Code::usage if there is no such grant.
[[nodiscard]] Result<BreakGlassGrant> end_grant(const Keystore& keystore, const std::string& id);
/// Removes the conditions of unexpired grants that do not `fit`: they stay in the list, and no
/// later binding makes them valid again. Returns these grants. Errors: those of end_grant() for
/// reading and writing.
[[nodiscard]] Result<std::vector<BreakGlassGrant>> void_grants(
    const Keystore& keystore, const std::function<bool(const BreakGlassGrant&)>& fit);

}  // namespace sifguard
