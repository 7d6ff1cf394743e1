// The container runtime, its helpers, GnuPG, squeue, and our own programs. The rights of the admin;
// the runtime is run for its version.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "keystore/base/run_program.h"
#include "keystore/doctor/ask_program.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/runtime_version.h"

namespace sifguard {
namespace {

void check_version(const Examined& examined, Findings& findings) {
  const std::string& runtime = examined.config.runtime;
  const auto output = ask_program(runtime, "--version");
  if (!output) {
    findings.add(Severity::problem, runtime, output.error(),
                 "install it, or correct runtime in " + examined.plan.config_file);
    return;
  }
  const auto version = parse_runtime_version(*output);
  if (!version) {
    findings.warn(runtime, runtime + " does not say a version that is known here",
                  "use apptainer or singularity");
    return;
  }
  if (const std::string why = too_old(*version); !why.empty()) {
    findings.problem(runtime, version->shown + " is too old: " + why, "install a newer one");
  }
}

/// Programs that runtimes look up by PATH, or have in a directory of their own.
bool is_somewhere(const std::string& name) {
  constexpr std::array<const char*, 6> kPlaces = {"/usr/local/bin/",
                                                  "/usr/bin/",
                                                  "/bin/",
                                                  "/usr/libexec/apptainer/bin/",
                                                  "/usr/lib/apptainer/bin/",
                                                  "/usr/local/libexec/apptainer/bin/"};
  return std::any_of(kPlaces.begin(), kPlaces.end(), [&](const char* place) {
    return ::access((place + name).c_str(), X_OK) == 0;
  });
}

void check_runtime_helpers(Findings& findings) {
  if (!is_somewhere("gocryptfs")) {
    findings.warn("gocryptfs", "gocryptfs is not installed",
                  "images that unprivileged builders encrypted need it");
  }
  if (!is_somewhere("squashfuse_ll") && !is_somewhere("squashfuse")) {
    findings.warn("squashfuse", "squashfuse is not installed",
                  "images that unprivileged builders encrypted need it");
  }
}

void check_configured(const std::string& path, const char* field, Severity severity,
                      const Examined& examined, Findings& findings) {
  if (const auto good = check_trusted_program(path, examined.plan.trust); !good) {
    findings.add(
        severity, path, good.error(),
        std::string("install it, or correct ") + field + " in " + examined.plan.config_file);
  }
}

/// The helper itself is looked at by check_versions().
void check_own(const Examined& examined, Findings& findings) {
  for (const char* name : {"sifguard-opener", "sifguard-verifier", "sifguard-pgp", "sifguard-pki",
                           "sifguard-launch", "sifguard-token"}) {
    const std::string path = own_program(name);
    if (const auto good = check_trusted_program(path, examined.plan.trust); !good) {
      findings.add(Severity::problem, path, good.error(), "install sifguard again");
    }
  }
}

}  // namespace

void check_programs(const Examined& examined, Findings& findings) {
  check_version(examined, findings);
  check_runtime_helpers(findings);
  check_configured(examined.config.gpg, "gpg", Severity::problem, examined, findings);
  check_configured(examined.config.squeue, "squeue", Severity::warning, examined, findings);
  check_own(examined, findings);
}

}  // namespace sifguard
