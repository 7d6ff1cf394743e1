// Bindings whose paths match no file on this host, because a pattern is mistyped or a file system
// is not mounted, and bindings for images that can never run. Unfinished signed copies beside
// images. The rights of the admin; directories are listed, the first file of each pattern is
// examined (passphrase_image.h).
#include "keystore/doctor/find_match.h"

#include <set>

#include "keystore/doctor/checks.h"
#include "keystore/doctor/half_signed.h"
#include "keystore/doctor/passphrase_image.h"

namespace sifguard {
namespace {

void tell_half_signed(const std::string& image, std::set<std::string>& told, Findings& findings) {
  for (const std::string& left : half_signed_beside(image)) {
    if (!told.insert(left).second) continue;
    findings.warn("files", left + " was left by a sif-sign that was interrupted",
                  "rm it, or let who made it sign the image again");
  }
}

}  // namespace

void check_bound_files(const Examined& examined, Findings& findings) {
  if (!examined.policy) return;
  std::set<std::string> told;
  for (const Binding& binding : examined.policy->bindings) {
    bool any = false;
    for (const std::string& pattern : binding.match) {
      std::string file;
      any |= find_match(pattern, kNamesToSearch, &file) != FileMatch::none;
      if (!file.empty() && is_passphrase_image(file)) {
        findings.warn("binding " + binding.name, passphrase_problem(file), kPassphraseRemedy);
      }
      if (!file.empty()) tell_half_signed(file, told, findings);
    }
    if (any) continue;
    findings.warn(
        "binding " + binding.name,
        "no file on this host matches the binding '" + binding.name + "' (" +
            binding.match.front() + (binding.match.size() > 1 ? ", …)" : ")"),
        "correct the pattern, mount what it is on, or sifctl image unbind " + binding.name);
  }
}

}  // namespace sifguard
