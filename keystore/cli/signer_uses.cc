// Which bindings name a signer. Reads the keystore.
#include "keystore/cli/signer_uses.h"

#include <algorithm>

#include "keystore/policy/policy.h"

namespace sifguard {

bool is_one_of(const std::vector<std::string>& signers, const SignerRecord& signer) {
  return std::any_of(signers.begin(), signers.end(),
                     [&](const std::string& one) { return signer.is_named(one); });
}

Status note_bindings(const Session& session, const Keystore& keystore, const SignerRecord& signer,
                     std::string_view verb, std::string_view consequence) {
  SG_TRY(const std::string text, keystore.images_text());
  const auto policy = parse_policy(text);
  if (!policy) return {};
  for (const Binding& binding : policy->bindings) {
    if (is_one_of(binding.signers.any_of, signer) || is_one_of(binding.signers.all_of, signer)) {
      session.note("the binding '" + binding.name + "' " + std::string(verb) + " this signer" +
                   std::string(consequence));
    }
  }
  return {};
}

}  // namespace sifguard
