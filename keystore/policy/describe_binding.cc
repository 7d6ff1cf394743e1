// Parts of a binding as short text for an admin's eyes. Pure.
#include "keystore/policy/describe_binding.h"
#include "keystore/policy/audience_dimensions.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

std::string joined(const Values& values, const std::string& between) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : between) + value;
  return text;
}

}  // namespace

std::string describe_audience(const Audience& audience) {
  std::string text;
  const auto add = [&](const std::string& word, const std::optional<Values>& values) {
    if (!values) return;
    if (!text.empty()) text += "; ";
    const bool everyone = word == "users" && *values == Values{std::string(kAnyUser)};
    text += everyone ? "everyone" : word + " " + joined(*values, " ");
  };
  for_each_dimension(audience, add);
  return text;
}

std::string describe_signers(const SignerRequirement& signers) {
  std::string text = joined(signers.any_of, " or ");
  const std::string all = joined(signers.all_of, " and ");
  if (!all.empty()) {
    if (signers.any_of.size() > 1) text = "(" + text + ")";
    text += (text.empty() ? "" : " and ") + all;
  }
  if (signers.legacy) text += ", legacy signatures too";
  if (signers.no_strangers) text += ", and nobody else";
  return text;
}

}  // namespace sifguard
