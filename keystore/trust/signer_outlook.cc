// Whether signatures that are demanded could count now, and until when. The owner of the keystore,
// in `sifctl`.
#include "keystore/trust/signer_outlook.h"

#include <optional>
#include <utility>

#include "keystore/policy/date.h"

namespace sifguard {
namespace {

using Counts = SignerStanding::Counts;

}  // namespace

Outlook no_outlook(std::string why, bool is_others) {
  return {std::move(why), 0, false, is_others};
}

void take_longer(Outlook& best, const Outlook& one) {
  if (one.holds && (!best.holds || one.until > best.until)) best = one;
}

void limit(Outlook& sum, const Outlook& more) {
  if (!sum.holds) return;
  if (!more.holds || more.until < sum.until) sum = more;
}

Outlook SignerOutlook::of(const SignerRequirement& required) {
  Outlook sum;
  std::optional<Outlook> best;
  for (const std::string& name : required.any_of) {
    const Outlook one = of_name(name, required);
    if (!best) best = one;
    take_longer(*best, one);
  }
  if (best) limit(sum, *best);
  for (const std::string& name : required.all_of) limit(sum, of_name(name, required));
  return sum;
}

/// Of all signers that go by the name, the one that counts longest.
Outlook SignerOutlook::of_name(const std::string& name, const SignerRequirement& required) {
  std::optional<Outlook> best;
  for (const SignerRecord& signer : all_) {
    if (!signer.is_named(name)) continue;
    const Outlook one = of_signer(signer, name, required);
    if (!best) best = one;
    take_longer(*best, one);
  }
  return best.value_or(no_outlook("the signer " + name + " is not in the keystore", true));
}

Outlook SignerOutlook::of_signer(const SignerRecord& signer, const std::string& name,
                                 const SignerRequirement& required) {
  const SignerStanding standing = standings_.of(signer);
  const std::string shown = "the signer " + name;
  if (standing.counts == Counts::none) {
    return no_outlook("no signature of " + name + " counts: it " + standing.why,
                      signer.state != SignerState::retired);
  }
  if (required.signed_after && signer.type() != SignerType::openpgp) {
    return no_outlook("signatures of " + name +
                      " do not say when they were made, and it wants none from before " +
                      format_date(*required.signed_after, DayEdge::first_second));
  }
  if (required.signed_after && standing.counts == Counts::older &&
      signer.state_at <= *required.signed_after) {
    return no_outlook("of " + name + ", which " + standing.why +
                      ", only older signatures count, and "
                      "it wants none from before " +
                      format_date(*required.signed_after, DayEdge::first_second));
  }
  const std::int64_t until = standing.until == 0 ? Outlook::kNoEnd : standing.until;
  return {shown + ", or what its certificate rests on, ends", until, true, false};
}

}  // namespace sifguard
