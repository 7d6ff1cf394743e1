// What a node's bindings say about an opened image. Root.
#include "helper/pipeline/bound_image.h"

#include "helper/pipeline/image_names.h"
#include "keystore/store/break_glass_fit.h"
#include "keystore/store/key_references.h"

namespace sifguard {

Result<Policy> bindings_of_opened(OpenedImage& opened, const Node& node, Facts& facts) {
  SG_TRY(facts.image_names, names_of_opened(opened, node.policy, node.config.library));
  SG_TRY(Policy policy, node.policy.bindings_for(facts.image_names));
  policy.break_glass = fitting(node.break_glass, policy);
  SG_CHECK(settle_keys(policy, facts.image_names, node.keystore));
  return policy;
}

Result<std::vector<KeyRecord>> keys_of(const Decision& decision, const Keystore& keystore) {
  if (!decision.key()) return std::vector<KeyRecord>{};
  auto keys = keystore.key_and_successors(*decision.key());
  if (keys) return keys;
  return fail(Code::config,
              "the keystore lacks the key of binding " + decision.bindings().front() + ": " +
                  keys.error().what(),
              "sifctl key import FILE --name NAME");
}

}  // namespace sifguard
