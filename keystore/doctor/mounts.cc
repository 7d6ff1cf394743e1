// Whether this host can mount the roots of images, if that is configured. The rights of the admin;
// the helper tries it, as root.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/installed.h"

namespace sifguard {
namespace {

constexpr int kTimeoutMs = 20'000;
constexpr std::size_t kMaxOutput = 4096;
constexpr const char* kWhere = "mounts";

bool is_wanted(const Examined& examined) {
  const auto says_mount = [](const Binding& binding) { return binding.release == Release::mount; };
  return examined.config.release == Release::mount ||
         (examined.policy && std::any_of(examined.policy->bindings.begin(),
                                         examined.policy->bindings.end(), says_mount));
}

void tell(const std::string& name, const std::string& why, Findings& findings) {
  if (name == "squashfs") {
    findings.problem(kWhere, "no image runs here with release: mount: " + why,
                     "correct that, or set release: pem");
  } else if (name == "fuse") {
    findings.problem(kWhere, "no encrypted image runs here with release: mount: " + why,
                     "correct that, or set release: pem");
  } else if (name == "squashfuse") {
    findings.problem(kWhere, "no image runs here with mount_driver: fuse: " + why,
                     "name a squashfuse_ll of version 0.2 or later as 'squashfuse' in "
                     "sifguard.yaml, or set mount_driver: kernel");
  } else if (name == "owners") {
    findings.warn(kWhere,
                  "files of root's in mounted images are root's to jobs, and where only root may "
                  "read them nobody can (" +
                      why + ")",
                  "a kernel from 6.2 on, or mount_driver: fuse, shows them as the user's");
  }
}

}  // namespace

void check_mounts(const Examined& examined, Findings& findings) {
  const std::string helper = helper_of(plugin_line(examined.plan));
  // What is wrong with the helper itself, check_versions() tells.
  if (!is_wanted(examined) || !check_trusted_program(helper, examined.plan.trust) ||
      ::access(helper.c_str(), X_OK) != 0) {
    return;
  }
  const Config& config = examined.config;
  std::vector<std::string> arguments = {"mounts"};
  if (config.mount_driver == MountDriver::fuse) {
    arguments.insert(arguments.end(), {config.squashfuse, config.verifier_user});
  }
  const auto output = run_program({helper, arguments, {"LC_ALL=C"}, {}, kMaxOutput, kTimeoutMs});
  if (!output) {
    findings.add(Severity::warning, kWhere, output.error(), "run sifctl doctor as root");
    return;
  }
  for (const std::string& line : split(as_text(output->bytes()), '\n')) {
    const auto words = split(line, '\t');
    if (words.size() == 3 && words[1] == "refused") {
      tell(words[0], printable(words[2], 500), findings);
    }
  }
}

}  // namespace sifguard
