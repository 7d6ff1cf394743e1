// Which mechanisms of the sandboxes work on this host. The rights of the admin; the helper is run
// to try them, as root.
#include <unistd.h>

#include <map>
#include <string>

#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/installed.h"

namespace sifguard {
namespace {

constexpr int kSandboxTimeoutMs = 20'000;
constexpr std::size_t kMaxSandboxOutput = 4096;
constexpr const char* kWhere = "sandbox";

/// Why each wall that the node refuses is refused (helper/process/walls.h).
using Refused = std::map<std::string, std::string>;

Refused refused_walls(std::string_view text) {
  Refused refused;
  for (const std::string& line : split(text, '\n')) {
    const auto words = split(line, '\t');
    if (words.size() == 3 && words[1] == "refused") refused[words[0]] = printable(words[2], 100);
  }
  return refused;
}

struct Replaced {
  const char* wall;
  const char* name;
  const char* by;
  const char* remedy;
};
constexpr Replaced kReplaced[] = {
    {"network", "network namespace", "the system call filter is used instead (no sockets)",
     "set user.max_net_namespaces above 0 to have both"},
    {"processes", "PID namespace",
     "the system call filter is used instead (no signals, no tracing)",
     "set user.max_pid_namespaces above 0 to have both"},
    {"ipc", "IPC namespace", "the system call filter is used instead (no shared memory)",
     "set user.max_ipc_namespaces above 0 to have both"},
    {"landlock", "Landlock", "mount namespaces and the system call filter are used instead",
     "a kernel from 5.13 on with lsm=…,landlock has it"}};

void tell(const Refused& refused, Findings& findings) {
  if (const auto filter = refused.find("filter"); filter != refused.end()) {
    findings.problem(kWhere,
                     "the node does not allow system call filters (" + filter->second +
                         "): no image is verified here",
                     "a kernel with CONFIG_SECCOMP_FILTER is needed");
  }
  if (const auto mounts = refused.find("mounts"); mounts != refused.end()) {
    findings.problem(kWhere,
                     "the node allows no mount namespace (" + mounts->second +
                         "): no step with an image starts here",
                     "set user.max_mnt_namespaces above 0");
  }
  for (const Replaced& one : kReplaced) {
    const auto found = refused.find(one.wall);
    if (found == refused.end()) continue;
    findings.warn(
        kWhere,
        "the node allows no " + std::string(one.name) + " (" + found->second + "): " + one.by,
        one.remedy);
  }
}

}  // namespace

void check_sandbox(const Examined& examined, Findings& findings) {
  const std::string helper = helper_of(plugin_line(examined.plan));
  // What is wrong with the helper itself, check_versions() tells.
  if (!check_trusted_program(helper, examined.plan.trust) || ::access(helper.c_str(), X_OK) != 0) {
    return;
  }
  const auto output =
      run_program({helper, {"walls"}, {"LC_ALL=C"}, {}, kMaxSandboxOutput, kSandboxTimeoutMs});
  if (!output) {
    findings.add(Severity::warning, kWhere, output.error(), "run sifctl doctor as root");
    return;
  }
  tell(refused_walls(as_text(output->bytes())), findings);
}

}  // namespace sifguard
