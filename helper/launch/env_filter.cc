// Builds the runtime's environment afresh from the job's. The launcher, as the user.
#include "helper/launch/env_filter.h"

#include <algorithm>
#include <array>
#include <set>

namespace sifguard {
namespace {

constexpr std::array kHostilePrefixes = {
    // Every option of the runtime has a variable. APPTAINERENV_X and SINGULARITYENV_X, which only
    // set X inside the container, do not match.
    std::string_view("APPTAINER_"), std::string_view("SINGULARITY_"),
    // The dynamic loader and malloc of the runtime's children.
    std::string_view("LD_"), std::string_view("MALLOC_"),
    // Interpreters that a site may have wrapped around the runtime.
    std::string_view("BASH_FUNC_"), std::string_view("PYTHON"), std::string_view("PERL5"),
    // Loadable modules of the crypto library that gocryptfs uses.
    std::string_view("OPENSSL_"),
    // Ours. Slurm leaves options in the environment (tried: 24.11; all of sbatch's, some of
    // srun's), and steps that are started inside the container would inherit them.
    std::string_view("SIFGUARD_"), std::string_view("_SLURM_SPANK_OPTION_sifguard_"),
    std::string_view("SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_")};

constexpr std::array kHostileNames = {
    // Go's run time: tracing, and files written at exit.
    std::string_view("GODEBUG"), std::string_view("GOTRACEBACK"), std::string_view("GOCOVERDIR"),
    // Shells that start by themselves.
    std::string_view("BASH_ENV"), std::string_view("ENV"), std::string_view("SHELLOPTS"),
    std::string_view("BASHOPTS"), std::string_view("PS4"), std::string_view("IFS"),
    std::string_view("CDPATH"), std::string_view("GLOBIGNORE"),
    // The C library's files and modules.
    std::string_view("GLIBC_TUNABLES"), std::string_view("GCONV_PATH"),
    std::string_view("GETCONF_DIR"), std::string_view("LOCPATH"), std::string_view("NLSPATH"),
    std::string_view("HOSTALIASES"), std::string_view("LOCALDOMAIN"),
    std::string_view("RES_OPTIONS"), std::string_view("RESOLV_HOST_CONF"),
    // libfuse: the program that mounts.
    std::string_view("FUSERMOUNT_PROG")};

std::string_view name_of(std::string_view variable) noexcept {
  const std::size_t equals = variable.find('=');
  return equals == std::string_view::npos ? std::string_view{} : variable.substr(0, equals);
}

}  // namespace

bool is_hostile_variable(std::string_view name) noexcept {
  return std::any_of(kHostilePrefixes.begin(), kHostilePrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         std::find(kHostileNames.begin(), kHostileNames.end(), name) != kHostileNames.end();
}

std::vector<std::string> filter_environment(
    std::span<const std::string_view> job, const LaunchPlan& plan,
    const std::function<bool(const std::string&)>& usable_directory) {
  std::vector<std::string> environment;
  std::set<std::string, std::less<>> taken;
  const auto add = [&](std::string variable) {
    if (taken.emplace(name_of(variable)).second) environment.push_back(std::move(variable));
  };
  for (const std::string& variable : plan.environment) add(variable);
  for (const std::string& copy : plan.copied) {
    const std::string_view source = std::string_view(copy).substr(name_of(copy).size() + 1);
    const auto found = std::find_if(job.begin(), job.end(), [&](std::string_view variable) {
      return !source.empty() && name_of(variable) == source;
    });
    if (found == job.end()) continue;
    add(std::string(name_of(copy)) + std::string(found->substr(source.size())));
  }
  add("PATH=" + std::string(kSafePath));
  for (const std::string_view variable : job) {
    const std::string_view name = name_of(variable);
    const auto leads = [&](const std::string& prefix) { return name.starts_with(prefix); };
    if (name.empty() || is_hostile_variable(name)) continue;
    if (std::any_of(plan.dropped.begin(), plan.dropped.end(), leads)) continue;
    // A refused TMPDIR does not make room for a second one.
    if (name == "TMPDIR" && !usable_directory(std::string(variable.substr(name.size() + 1)))) {
      taken.emplace(name);
      continue;
    }
    add(std::string(variable));
  }
  return environment;
}

}  // namespace sifguard
