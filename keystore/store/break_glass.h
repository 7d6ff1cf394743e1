// Leave for one user to pass what one binding allows, for a time and with a reason: breakglass.json
// in the keystore. Root on nodes; the owner of the keystore in `sifctl`. What it stands in for is
// said in keystore/policy/policy.h.
//
// The file is JSON, read strictly: {"version": 2, "grants": [{"id": "bg-…",
// "binding", "user", "since": SECONDS, "until": SECONDS, "reason", "by", "conditions": DIGEST}]};
// version 1 had no conditions. A keystore without it
// has none. What has ended goes when the next one is added; the audit log keeps all.
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
  std::string by;                     ///< the admin who gave it
  /// digest_of_conditions() of the binding (keystore/store/break_glass_fit.h); empty where an older
  /// sifctl gave it, or its binding went, and then it counts no more.
  std::string conditions = {};
};

[[nodiscard]] std::string format_grants(const std::vector<BreakGlassGrant>& grants);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<std::vector<BreakGlassGrant>> parse_grants(std::string_view text,
                                                                const std::string& where);

/// Also those that have ended. Errors: Code::config.
[[nodiscard]] Result<std::vector<BreakGlassGrant>> break_glass_grants(const Keystore& keystore);
/// `id` is made here. Errors: Code::usage for what could not be read again.
[[nodiscard]] Result<BreakGlassGrant> add_grant(const Keystore& keystore, BreakGlassGrant grant);
/// Errors: Code::usage if there is none.
[[nodiscard]] Result<BreakGlassGrant> end_grant(const Keystore& keystore, const std::string& id);
/// Takes their conditions from those that last and do not `fit`: they stay in the list, and nothing
/// that is bound later brings them back. Which these were. Errors: as of end_grant(), but its own.
[[nodiscard]] Result<std::vector<BreakGlassGrant>> void_grants(
    const Keystore& keystore, const std::function<bool(const BreakGlassGrant&)>& fit);

}  // namespace sifguard
