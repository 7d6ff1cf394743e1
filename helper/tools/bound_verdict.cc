// The verdict on an image by one binding of a keystore. The user's own process.
#include "helper/tools/bound_verdict.h"

#include <algorithm>

#include "helper/release/admission.h"
#include "helper/release/first_that_opens.h"
#include "helper/release/key_grant.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

Result<Binding> binding_named(const Keystore& keystore, const std::string& name) {
  SG_TRY(const std::string text, keystore.images_text());
  SG_TRY(const Policy policy, parse_policy(text));
  const auto found = std::find_if(policy.bindings.begin(), policy.bindings.end(),
                                  [&](const Binding& one) { return one.name == name; });
  if (found != policy.bindings.end()) return *found;
  return fail(Code::no_input, "the keystore has no binding '" + printable(name, 100) + "'",
              "see sifctl image list");
}

/// That a key would be granted is all: none is opened with it.
Status check_granted(const BoundRequest& bound, const Admission& admission) {
  return first_that_opens(
      bound.keys, Error(Code::internal, "no key to try"), [&](const KeyRecord& key) -> Status {
        SG_TRY(const KeyGrant grant, grant_publication(bound.binding, admission, key));
        (void)grant;
        return {};
      });
}

}  // namespace

Result<BoundRequest> read_bound_request(const Keystore& keystore, const std::string& name,
                                        Release release) {
  BoundRequest bound;
  SG_TRY(bound.binding, binding_named(keystore, name));
  SG_TRY(bound.keyring, load_keyring(keystore, bound.binding));
  if (bound.binding.key) {
    SG_TRY(bound.keys, keystore.key_and_successors(*bound.binding.key));
  }
  bound.release = bound.binding.release.value_or(release);
  return bound;
}

Result<Verdict> judge_bound(const CertifiedFacts& facts, const BoundRequest& bound,
                            std::int64_t now) {
  SG_TRY(const Admission admission,
         judge_and_admit(facts, demands_of(bound.binding, bound.release), now));
  if (bound.binding.key) SG_CHECK(check_granted(bound, admission));
  return admission.verdict();
}

}  // namespace sifguard
