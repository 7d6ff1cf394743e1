// Builds the runtime's environment afresh from the job's. The launcher, as the user.
#include "helper/launch/env_filter.h"

#include <algorithm>
#include <array>
#include <unordered_set>

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
    // Ours.
    std::string_view("SIFGUARD_")};

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
    std::span<const std::string_view> job, std::span<const std::string> over,
    const std::function<bool(const std::string&)>& usable_directory) {
  std::vector<std::string> environment(over.begin(), over.end());
  std::unordered_set<std::string_view> taken;
  for (const std::string& variable : over) taken.insert(name_of(variable));
  if (taken.insert("PATH").second) environment.push_back("PATH=" + std::string(kSafePath));
  for (const std::string_view variable : job) {
    const std::string_view name = name_of(variable);
    if (name.empty() || is_hostile_variable(name)) continue;
    if (!taken.insert(name).second) continue;
    if (name == "TMPDIR" && !usable_directory(std::string(variable.substr(name.size() + 1)))) {
      continue;
    }
    environment.emplace_back(variable);
  }
  return environment;
}

}  // namespace sifguard
