// How other bindings limit one that is added. Pure but for the output.
#include "keystore/cli/bind_others.h"

#include <time.h>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/common_audience.h"
#include "keystore/policy/shared_images.h"
#include "keystore/store/key_references.h"

namespace sifguard {
namespace {

std::string remedy_for(NobodyBy by) {
  const std::string one = "let one binding alone be for the image, or have all of them ";
  if (by == NobodyBy::names) return one + "name the same key and digest";
  if (by == NobodyBy::signers) return one + "require the same signers";
  return one + "allow somebody";
}

}  // namespace

Result<BindOthers> others_of(const BindPlan& plan, const std::vector<KeyRecord>& keys) {
  SG_TRY(Policy policy, parse_policy(plan.images));
  resolve_keys(policy, keys);
  const std::int64_t now = ::time(nullptr);
  BindOthers others;
  const Binding& own = binding_of(plan, policy);
  // That its time is over already is no reason: it may be wished.
  if (const auto alone = common_audience({&own}, own.not_after.value_or(now));
      !alone.nobody.empty()) {
    return fail(Code::denied, "the binding would leave nobody: " + alone.nobody,
                "allow somebody whom it does not deny");
  }
  for (SharedBindings& one : find_shared_bindings(policy, now)) {
    const auto& names = one.bindings;
    if (!contains(names, own.name)) continue;
    // To keep somebody from all images is what a denial is for, though one be for him alone.
    if (one.left.empty() && one.by != NobodyBy::denial) {
      return fail(Code::denied, describe(one), remedy_for(one.by));
    }
    others.shared.push_back(std::move(one));
  }
  for (const std::size_t i : find_possibly_shared(policy.bindings, own)) {
    others.possible.push_back(policy.bindings[i].name);
  }
  return others;
}

void tell_others(const Session& session, const BindOthers& others) {
  for (const SharedBindings& one : others.shared) {
    session.out(printable(describe(one), 4096) + "\n");
  }
  for (const std::string& name : others.possible) {
    session.out("'" + name +
                "' may be for an image of it, too, by another tag or digest: then both "
                "must allow\n");
  }
}

}  // namespace sifguard
