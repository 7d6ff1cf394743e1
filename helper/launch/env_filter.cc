// Builds the runtime's environment afresh from the job's. The launcher, as the user.
#include "helper/launch/env_filter.h"

#include <algorithm>
#include <array>
#include <set>

#include "helper/launch/inner_value.h"
#include "keystore/base/ascii.h"
#include "keystore/base/contains.h"

namespace sifguard {
namespace {

// Hostile to the runtime and to what it starts on the host, of use to what runs in the container.
constexpr std::array kInnerPrefixes = {
    // Interpreters that a site may have wrapped around the runtime.
    std::string_view("PYTHON"), std::string_view("PERL5"),
    // The C library's malloc, and loadable modules of the crypto library that gocryptfs uses.
    std::string_view("MALLOC_"), std::string_view("OPENSSL_")};

constexpr std::array kInnerNames = {
    // Go's run time: tracing, and files written at exit.
    std::string_view("GODEBUG"), std::string_view("GOTRACEBACK"), std::string_view("GOCOVERDIR"),
    // An interactive shell sources it; programs have given the name meanings of their own.
    std::string_view("ENV"),
    // The C library's files, and its resolver.
    std::string_view("LOCPATH"), std::string_view("NLSPATH"), std::string_view("HOSTALIASES"),
    std::string_view("LOCALDOMAIN"), std::string_view("RES_OPTIONS")};

constexpr std::array kHostilePrefixes = {
    // Every option of the runtime has a variable. APPTAINERENV_X and SINGULARITYENV_X, which only
    // set X inside the container, do not match.
    std::string_view("APPTAINER_"), std::string_view("SINGULARITY_"),
    // The dynamic loader of the runtime's children; the host's libraries are not the image's.
    std::string_view("LD_"),
    // Functions of a shell around the runtime.
    std::string_view("BASH_FUNC_"),
    // Ours. Slurm leaves options in the environment (tried: 24.11; all of sbatch's, some of
    // srun's), and steps that are started inside the container would inherit them.
    std::string_view("SIFGUARD_"), std::string_view("_SLURM_SPANK_OPTION_sifguard_"),
    std::string_view("SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_")};

constexpr std::array kHostileNames = {
    // Shells that start by themselves.
    std::string_view("BASH_ENV"), std::string_view("SHELLOPTS"), std::string_view("BASHOPTS"),
    std::string_view("PS4"), std::string_view("IFS"), std::string_view("CDPATH"),
    std::string_view("GLOBIGNORE"),
    // The C library's tuning, modules and files.
    std::string_view("GLIBC_TUNABLES"), std::string_view("GCONV_PATH"),
    std::string_view("GETCONF_DIR"), std::string_view("RESOLV_HOST_CONF"),
    // libfuse: the program that mounts.
    std::string_view("FUSERMOUNT_PROG")};

template <typename Prefixes, typename Names>
bool is_listed(std::string_view name, const Prefixes& prefixes, const Names& names) noexcept {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         contains(names, name);
}

bool is_inner_variable(std::string_view name) noexcept {
  return is_listed(name, kInnerPrefixes, kInnerNames);
}

std::string_view name_of(std::string_view variable) noexcept {
  const std::size_t equals = variable.find('=');
  return equals == std::string_view::npos ? std::string_view{} : variable.substr(0, equals);
}

bool is_of_a_name(char c) noexcept {
  return is_alphanumeric(c) || c == '_';
}

/// What hands to the container, by names that start with `prefix`, those of the job's variables
/// that the runtime must not see, and those that it would change. The image's own value stands, as
/// it does for variables that the runtime hands on by itself.
std::vector<std::string> inner_variables(std::span<const std::string_view> job,
                                         const std::string& prefix) {
  std::vector<std::string> variables;
  for (const std::string_view variable : job) {
    const std::string name(name_of(variable));
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_of_a_name)) continue;
    const std::string_view value = variable.substr(name.size() + 1);
    if (!is_inner_variable(name) && (is_hostile_variable(name) || is_passed_on(value))) continue;
    const bool chosen = std::any_of(job.begin(), job.end(), [&](std::string_view other) {
      return name_of(other) == "APPTAINERENV_" + name || name_of(other) == "SINGULARITYENV_" + name;
    });
    if (chosen) continue;  // what the job wants inside, it says itself
    variables.push_back(prefix + name + "=" + inner_default(name, value));
  }
  return variables;
}

}  // namespace

bool is_hostile_variable(std::string_view name) noexcept {
  return is_inner_variable(name) || is_listed(name, kHostilePrefixes, kHostileNames);
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
    add(std::string(name_of(copy)) + "=" + inner_value(found->substr(source.size() + 1)));
  }
  if (!plan.inner_prefix.empty()) {
    for (std::string& variable : inner_variables(job, plan.inner_prefix)) add(std::move(variable));
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
