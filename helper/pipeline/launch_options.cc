// Checks the user's options for the runtime against what the bindings allow. Pure; root.
#include "helper/pipeline/launch_options.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "helper/sif/sif_format.h"
#include "keystore/base/contains.h"

namespace sifguard {
namespace {

bool allows(const RuntimeRule& rule, std::string_view word) {
  return !rule.allow || contains(*rule.allow, word);
}

}  // namespace

Result<PlanInput> launch_options(const Request& request, const Decision& decision,
                                 const Config& config) {
  const RuntimeRule& rule = decision.runtime();
  const auto check = [&](bool asked, std::string_view word, std::string_view option) -> Status {
    if (!asked || allows(rule, word)) return {};
    return fail(Code::denied, "binding '" + decision.bindings().front() + "' does not allow " +
                                  std::string(option));
  };
  SG_CHECK(check(!request.binds.empty(), "bind", "--sif-bind"));
  SG_CHECK(check(!request.variables.empty(), "env", "--sif-env"));
  SG_CHECK(check(request.nv, "nv", "--sif-nv"));
  SG_CHECK(check(request.rocm, "rocm", "--sif-rocm"));

  PlanInput input;
  input.runtime = config.runtime;
  input.contain = rule.contain || request.contain;
  input.quiet = request.quiet;
  input.verbose = request.verbose;
  input.run = request.run;
  input.nv = request.nv;
  input.rocm = request.rocm;
  input.site_binds = rule.binds;
  input.binds = request.binds;
  input.workdir = request.workdir;
  input.variables = request.variables;
  // The job's own APPTAINERENV_X are --sif-env by another name.
  input.forward_environment = allows(rule, "env");
  input.batch_script = request.batch_script;
  const std::string step = std::to_string(request.job) + "." + std::to_string(request.step);
  input.pmix_directory = "pmix." + step;
  // It is where users can write: only for those who could bind it themselves.
  if (allows(rule, "bind")) {
    input.pmix_client_directory =
        config.pmix_tmpdir + "/spmix_appdir_" + std::to_string(request.uid) + "_" + step;
  }
  input.cwd = request.cwd;
  input.hidden = {config.keystore, config.cache};
  return input;
}

unsigned turns_for(const ImageFacts& facts) {
  // LUKS is the kernel's, and it waits as long as it takes.
  if (facts.primary_fstype != static_cast<std::int32_t>(sif::FileSystem::gocryptfs_squashfs)) {
    return 0;
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0) {
    return static_cast<unsigned>(CPU_COUNT(&cpus));
  }
  return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace sifguard
