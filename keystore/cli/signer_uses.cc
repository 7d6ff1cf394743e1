// Which bindings name a signer. Reads the keystore.
#include "keystore/cli/signer_uses.h"

#include <algorithm>

#include "keystore/policy/policy.h"

namespace sifguard {

bool is_one_of(const std::vector<std::string>& signers, const SignerRecord& signer) {
  return std::any_of(signers.begin(), signers.end(),
                     [&](const std::string& one) { return signer.is_named(one); });
}

Result<std::vector<std::string>> bindings_naming(const Keystore& keystore,
                                                 const SignerRecord& signer) {
  SG_TRY(const std::string text, keystore.images_text());
  std::vector<std::string> names;
  const auto policy = parse_policy(text);
  if (!policy) return names;
  for (const Binding& binding : policy->bindings) {
    if (is_one_of(binding.signers.any_of, signer) || is_one_of(binding.signers.all_of, signer)) {
      names.push_back(binding.name);
    }
  }
  return names;
}

Status note_bindings(const Session& session, const Keystore& keystore, const SignerRecord& signer,
                     std::string_view verb, std::string_view consequence) {
  SG_TRY(const auto names, bindings_naming(keystore, signer));
  for (const std::string& name : names) {
    session.note("the binding '" + name + "' " + std::string(verb) + " this signer" +
                 std::string(consequence));
  }
  return {};
}

}  // namespace sifguard
