// The checks of `sifctl doctor`, one file each. Each adds what it finds; none changes anything, and
// none fails: what cannot be checked is a finding. The rights of the admin.
#pragma once

#include <array>
#include <string_view>

#include "keystore/doctor/examined.h"
#include "keystore/doctor/finding.h"

namespace sifguard {

/// Owners, modes and types of all files in the keystore and of the directories above it.
void check_permissions(const Examined& examined, Findings& findings);
/// The store key opens, and with it every private half.
void check_store_key(const Examined& examined, Findings& findings);
/// Certificates, revocation lists, signers, keys and bindings that expire soon or have expired.
void check_expiry(const Examined& examined, Findings& findings);
/// Certificates of signers that launches do not accept.
void check_signer_certificates(const Examined& examined, Findings& findings);
/// Bindings for paths of which this host has no file.
void check_bound_files(const Examined& examined, Findings& findings);
/// Keys that no binding names, and keys that bindings name but cannot use.
void check_bound_keys(const Examined& examined, Findings& findings);
/// Bindings and keys with which no launch could succeed now, if no other check says why.
void check_launches(const Examined& examined, Findings& findings);
/// Published images whose source would no longer run.
void check_published(const Examined& examined, Findings& findings);
/// What interrupted commands left in the keystore, and a CA that has lost files.
void check_leftovers(const Examined& examined, Findings& findings);
/// The plugin in plugstack.conf and the files that it includes.
void check_plugstack(const Examined& examined, Findings& findings);
/// Whether the enforcement of this host is effective: nothing contradicts it, and nobody can avoid
/// it.
void check_enforcement(const Examined& examined, Findings& findings);
/// Releases of Slurm with known vulnerabilities, and a plugin that was built for another release.
void check_slurm(const Examined& examined, Findings& findings);
/// Limits of the container runtime that have no effect here.
void check_runtime(const Examined& examined, Findings& findings);
/// The container runtime, its helpers, GnuPG, squeue, and our own programs.
void check_programs(const Examined& examined, Findings& findings);
/// The account that parses images.
void check_account(const Examined& examined, Findings& findings);
/// Which mechanisms of the sandboxes work, and what replaces the others.
void check_sandbox(const Examined& examined, Findings& findings);
/// Whether roots of images can be mounted, if that is configured.
void check_mounts(const Examined& examined, Findings& findings);
/// Whether sifctl, the plugin and the helper are of one version.
void check_versions(const Examined& examined, Findings& findings);
/// Whether the audit log can be written, because launches require it.
void check_audit_log(const Examined& examined, Findings& findings);

/// Break-glass grants that have not expired.
void check_break_glass(const Examined& examined, Findings& findings);

struct Check {
  std::string_view name;
  void (*run)(const Examined&, Findings&);
};
inline constexpr std::array<Check, 20> kChecks = {
    {{"permissions", check_permissions}, {"store-key", check_store_key},
     {"expiry", check_expiry},           {"signers", check_signer_certificates},
     {"files", check_bound_files},       {"keys", check_bound_keys},
     {"launches", check_launches},       {"published", check_published},
     {"leftovers", check_leftovers},     {"plugstack", check_plugstack},
     {"enforcement", check_enforcement}, {"slurm", check_slurm},
     {"runtime", check_runtime},         {"programs", check_programs},
     {"account", check_account},         {"versions", check_versions},
     {"sandbox", check_sandbox},         {"mounts", check_mounts},
     {"audit-log", check_audit_log},     {"break-glass", check_break_glass}}};

}  // namespace sifguard
