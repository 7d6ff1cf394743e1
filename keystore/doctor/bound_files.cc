// Bindings for paths of which this host has no file: a mistyped pattern, or a filesystem that is
// not mounted. The rights of the admin; directories are listed, no file is opened.
#include "keystore/doctor/find_match.h"

#include <algorithm>

#include "keystore/doctor/checks.h"

namespace sifguard {

void check_bound_files(const Examined& examined, Findings& findings) {
  if (!examined.policy) return;
  for (const Binding& binding : examined.policy->bindings) {
    const bool any = std::any_of(
        binding.match.begin(), binding.match.end(),
        [](const std::string& pattern) { return find_match(pattern) != FileMatch::none; });
    if (any) continue;
    findings.warn(
        "binding " + binding.name,
        "no file on this host matches the binding '" + binding.name + "' (" +
            binding.match.front() + (binding.match.size() > 1 ? ", …)" : ")"),
        "correct the pattern, mount what it is on, or sifctl image unbind " + binding.name);
  }
}

}  // namespace sifguard
