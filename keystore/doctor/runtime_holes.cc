// Which of a container runtime's own limits have no effect on a host. Pure.
#include "keystore/doctor/runtime_holes.h"

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr const char* kNoUserNamespaces =
    "set user.max_user_namespaces = 0 in /etc/sysctl.d, unless something else needs them";
/// Where the node shows a step the one image that was verified (helper/launch).
constexpr std::string_view kOurImage = "/run/sifguard/job/image";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_before(const RuntimeVersion& version, int major, int minor, int patch) {
  if (version.major != major) return version.major < major;
  if (version.minor != minor) return version.minor < minor;
  return version.patch < patch;
}

bool is_limited(const std::string& value) {
  return !value.empty() && value != "NULL";
}

/// What the administrator relies on, as words; empty if on nothing.
std::string relied_on(const RuntimeHost& host) {
  std::string names;
  const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
  if (host.has_ecl && is_ecl_activated(host.ecl)) add("ecl.toml");
  for (const char* name :
       {"limit container paths", "limit container owners", "limit container groups"}) {
    if (is_limited(directive(host.configuration, name))) add(std::string("'") + name + "'");
  }
  return names;
}

/// The runtime applies its limits only where its set-user-ID starter is the one way to a container.
void tell_limits(const RuntimeHost& host, Findings& findings) {
  const std::string names = relied_on(host);
  if (names.empty()) return;
  const std::string no_effect = names + " is set, but has no effect: ";
  if (host.setuid_starter.empty()) {
    findings.warn(host.configuration_file,
                  no_effect +
                      "the runtime has no set-user-ID starter here, so it runs with the user's "
                      "rights, and users can bring another",
                  "rely on sifguard's bindings, and on enforce in sifguard.yaml");
  } else if (host.users_make_namespaces) {
    findings.warn(host.configuration_file,
                  no_effect + "users can make user namespaces, and run another runtime in them",
                  kNoUserNamespaces);
  }
}

void tell_prefixes(const RuntimeHost& host, Findings& findings) {
  const bool apptainer = host.version.apptainer;
  const bool mended =
      apptainer ? !is_before(host.version, 1, 5, 1) : !is_before(host.version, 4, 5, 0);
  const std::string paths = directive(host.configuration, "limit container paths");
  if (mended || !is_limited(paths)) return;
  findings.warn(host.configuration_file,
                "'limit container paths = " + printable(paths, 200) + "': " + host.version.shown +
                    " also allows other names that begin with these letters (" +
                    (apptainer ? "CVE-2026-48785" : "CVE-2026-47215") + ")",
                std::string("install ") + (apptainer ? "Apptainer 1.5.1" : "SingularityCE 4.5") +
                    " or later; until then, only root should be able to create files beside these");
}

void tell_missing_ecl(const RuntimeHost& host, Findings& findings) {
  if (host.version.apptainer || host.has_ecl || is_before(host.version, 4, 5, 0)) return;
  findings.problem(host.ecl_file,
                   host.ecl_file + " does not exist, and " + host.version.shown +
                       " refuses every SIF without it",
                   "create it with the line: activated = false");
}

/// A set-user-ID starter starts any image for any user: a node that enforces must limit it, or have
/// none (packaging/doc/admin.md).
void tell_setuid(const RuntimeHost& host, Findings& findings) {
  if (!host.enforces || host.setuid_starter.empty()) return;
  if (directive(host.configuration, "limit container paths") == kOurImage) return;
  findings.warn(host.setuid_starter,
                "this host enforces images, but " + host.setuid_starter +
                    ", which runs as root, starts any image that a user names",
                "remove it (the package apptainer-suid), or write in " + host.configuration_file +
                    ": limit container paths = " + std::string(kOurImage));
}

}  // namespace

RuntimePlaces parse_buildcfg(std::string_view output) {
  RuntimePlaces places;
  for (const std::string& line : split(std::string(output), '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || equals + 1 >= line.size() || line[equals + 1] != '/')
      continue;
    const std::string name = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (name == "APPTAINER_CONFDIR" || name == "SINGULARITY_CONFDIR") places.configuration = value;
    if (name == "LIBEXECDIR") places.libexec = value;
  }
  return places;
}

std::string directive(std::string_view configuration, std::string_view name) {
  std::string found;
  for (const std::string& whole : split(std::string(configuration), '\n')) {
    const std::string_view line = std::string_view(whole).substr(0, whole.find('#'));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || trimmed(line.substr(0, equals)) != name) continue;
    found = trimmed(line.substr(equals + 1));
  }
  return found;
}

bool is_ecl_activated(std::string_view ecl) {
  for (const std::string& whole : split(std::string(ecl), '\n')) {
    const std::string_view line = trimmed(std::string_view(whole).substr(0, whole.find('#')));
    if (line.starts_with('[')) return false;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || trimmed(line.substr(0, equals)) != "activated")
      continue;
    return trimmed(line.substr(equals + 1)) == "true";
  }
  return false;
}

void tell_runtime_holes(const RuntimeHost& host, Findings& findings) {
  tell_limits(host, findings);
  tell_prefixes(host, findings);
  tell_missing_ecl(host, findings);
  tell_setuid(host, findings);
}

}  // namespace sifguard
