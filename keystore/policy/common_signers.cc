// Whether one image can have the signatures that several bindings require together. Pure.
#include "keystore/policy/common_signers.h"

#include <algorithm>

#include "keystore/policy/describe_binding.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

using Bindings = std::vector<const Binding*>;
using Names = std::vector<std::string>;

/// Whether one signature can go by both ids.
bool can_be_one(const std::string& a, const std::string& b) {
  const bool openpgp = signer_kind(a) == SignerKind::openpgp;
  if (a == b || openpgp != (signer_kind(b) == SignerKind::openpgp)) return a == b;
  return signer_kind(a) == SignerKind::certificate_name ||
         signer_kind(b) == SignerKind::certificate_name;
}

bool accepts(const SignerRequirement& requirement, const std::string& signer) {
  const auto fits = [&](const std::string& one) { return can_be_one(one, signer); };
  return std::any_of(requirement.any_of.begin(), requirement.any_of.end(), fits) ||
         std::any_of(requirement.all_of.begin(), requirement.all_of.end(), fits);
}

/// The first binding that refuses an image for this signature.
const Binding* refusing(const Bindings& bindings, const std::string& signer) {
  const auto found = std::find_if(bindings.begin(), bindings.end(), [&](const Binding* one) {
    return one->signers.no_strangers && !accepts(one->signers, signer);
  });
  return found == bindings.end() ? nullptr : *found;
}

/// Those of `any_of` whose signatures can count.
Names countable(const SignerRequirement& requirement) {
  Names left = requirement.any_of;
  std::erase_if(left, [&](const std::string& one) {
    return requirement.signed_after && signer_kind(one) != SignerKind::openpgp;
  });
  return left;
}

/// The binding that keeps `required` from being met; nullptr if none does.
const Binding* contradicting(const Bindings& bindings, const SignerRequirement& required) {
  for (const std::string& signer : required.all_of) {
    if (const Binding* const one = refusing(bindings, signer)) return one;
  }
  const Binding* last = nullptr;
  for (const std::string& signer : countable(required)) {
    last = refusing(bindings, signer);
    if (last == nullptr) break;
  }
  return last;
}

}  // namespace

std::string contradicting_signers(const Bindings& bindings) {
  const auto warns = [](const Binding* one) { return one->mode == Mode::warn; };
  if (std::all_of(bindings.begin(), bindings.end(), warns)) return {};
  for (const Binding* const one : bindings) {
    const Binding* const other = contradicting(bindings, one->signers);
    if (other == nullptr) continue;
    return "'" + one->name + "' requires signatures of " + describe_signers(one->signers) + ", '" +
           other->name + "' those of " + describe_signers(other->signers);
  }
  return {};
}

}  // namespace sifguard
