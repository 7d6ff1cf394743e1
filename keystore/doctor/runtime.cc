// The container runtime's own limits, and whether they have an effect here. The rights of the
// admin; the runtime is run to say where its files are.
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/doctor/ask_program.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/runtime_holes.h"
#include "keystore/doctor/said_besides.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxConfiguration = 1024UL * 1024;

/// A setting of the kernel; `missing` if it has no such setting.
std::string kernel_setting(const std::string& name, const std::string& missing) {
  const auto text = read_input_text("/proc/sys/" + name, 64);
  return text ? text->substr(0, text->find('\n')) : missing;
}

bool users_make_namespaces() {
  return kernel_setting("user/max_user_namespaces", "0") != "0" &&
         kernel_setting("kernel/unprivileged_userns_clone", "1") != "0" &&
         kernel_setting("kernel/apparmor_restrict_unprivileged_userns", "0") == "0";
}

/// The starter that runs as root for any user; empty if there is none, or if it is switched off.
std::string setuid_starter(const std::string& libexec, bool apptainer,
                           const std::string& configuration) {
  const std::string path =
      libexec + (apptainer ? "/apptainer" : "/singularity") + "/bin/starter-suid";
  struct stat st {};
  const bool is = ::stat(path.c_str(), &st) == 0 && (st.st_mode & S_ISUID) != 0 && st.st_uid == 0;
  return is && directive(configuration, "allow setuid") != "no" ? path : std::string();
}

RuntimeHost host_of(const RuntimeVersion& version, const RuntimePlaces& places) {
  RuntimeHost host;
  host.version = version;
  host.configuration_file =
      places.configuration + (version.apptainer ? "/apptainer.conf" : "/singularity.conf");
  host.configuration = read_input_text(host.configuration_file, kMaxConfiguration).value_or("");
  host.ecl_file = places.configuration + "/ecl.toml";
  host.has_ecl = ::access(host.ecl_file.c_str(), F_OK) == 0;
  if (host.has_ecl) host.ecl = read_input_text(host.ecl_file, kMaxConfiguration).value_or("");
  host.setuid_starter = setuid_starter(places.libexec, version.apptainer, host.configuration);
  host.users_make_namespaces = users_make_namespaces();
  return host;
}

}  // namespace

/// If the runtime is missing, or says no version, check_programs() says so.
void check_runtime(const Examined& examined, Findings& findings) {
  const std::string& runtime = examined.config.runtime;
  const auto said = ask_program(runtime, "--version");
  const auto version = said ? parse_runtime_version(*said) : std::nullopt;
  if (!version) return;
  const auto answer = ask_program(runtime, "buildcfg");
  const RuntimePlaces places = parse_buildcfg(answer.value_or(""));
  if (places.configuration.empty() || places.libexec.empty()) {
    findings.warn(runtime, runtime + " buildcfg does not say where its configuration is",
                  "check by hand whether you rely on ecl.toml or 'limit container', or have a "
                  "set-user-ID starter; --skip runtime leaves this out");
    return;
  }
  RuntimeHost host = host_of(*version, places);
  const auto settled = settle_enforcement(examined.config, said_besides(examined.plan));
  host.enforces = settled && (*settled)->enforce != Enforce::requested;
  tell_runtime_holes(host, findings);
}

}  // namespace sifguard
