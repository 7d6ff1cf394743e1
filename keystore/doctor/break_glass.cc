// Break-glass grants that are still valid, because grants of an emergency are easily forgotten. The
// rights of the admin.
#include "keystore/store/break_glass.h"

#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"

namespace sifguard {

void check_break_glass(const Examined& examined, Findings& findings) {
  if (!examined.keystore) return;
  const std::string where = examined.plan.directory + "/" + kBreakGlassFile;
  const auto grants = break_glass_grants(*examined.keystore);
  if (!grants) {
    findings.add(Severity::warning, where, grants.error(),
                 "nobody passes by it until it is removed or put right");
    return;
  }
  for (const BreakGlassGrant& one : *grants) {
    if (one.until <= examined.plan.now) continue;
    findings.warn(where,
                  "the user " + one.user + " may pass the binding '" + one.binding + "'" +
                      (one.since > examined.plan.now ? " from " + format_utc(one.since) : "") +
                      " until " + format_utc(one.until) + " (given by " + one.by + ": " +
                      one.reason + ")",
                  "if it is over: sifctl breakglass end " + one.id);
  }
}

}  // namespace sifguard
