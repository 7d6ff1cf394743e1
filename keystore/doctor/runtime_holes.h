// Which of a container runtime's own limits have no effect on a host. Pure: the facts are given.
#pragma once

#include <string>
#include <string_view>

#include "keystore/doctor/finding.h"
#include "keystore/doctor/runtime_version.h"

namespace sifguard {

/// From `RUNTIME buildcfg`: where the runtime has its files. Empty: it does not say.
struct RuntimePlaces {
  std::string configuration;  ///< the directory of apptainer.conf or singularity.conf, and ecl.toml
  std::string libexec;        ///< above apptainer/bin or singularity/bin
};
[[nodiscard]] RuntimePlaces parse_buildcfg(std::string_view output);

/// "limit container paths" of apptainer.conf or singularity.conf, or another directive: its last
/// value; empty where it is not set, or only in a comment.
[[nodiscard]] std::string directive(std::string_view configuration, std::string_view name);

/// Whether ecl.toml says `activated = true`, before any table.
[[nodiscard]] bool is_ecl_activated(std::string_view ecl);

/// What the checks know of a host.
struct RuntimeHost {
  RuntimeVersion version;
  std::string configuration_file, configuration;  ///< its name, and its text
  std::string ecl_file, ecl;                      ///< likewise
  bool has_ecl = false;                           ///< ecl.toml is there
  std::string setuid_starter;                     ///< the file that is set-user-ID; or empty
  bool users_make_namespaces = false;             ///< user namespaces, that is
  bool enforces = false;                          ///< steps that name no image are refused here
};

/// Adds what it finds.
void tell_runtime_holes(const RuntimeHost& host, Findings& findings);

}  // namespace sifguard
