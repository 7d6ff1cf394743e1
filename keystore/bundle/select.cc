// What some bindings need of a keystore. The owner of the keystore, in `sifctl`.
#include "keystore/bundle/select.h"

#include <algorithm>
#include <set>

#include "keystore/base/text.h"
#include "keystore/bundle/choose.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/policy.h"
#include "keystore/policy/signer_id.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

std::string text_of(const std::vector<ChosenBinding>& chosen) {
  if (chosen.empty()) return std::string(kEmptyImages);
  std::string text = "version: 1\ndefault: reject\nimages:\n";
  for (const ChosenBinding& one : chosen) text += format_binding(one.binding, 2);
  return text;
}

/// The bindings that `wanted` says so of.
std::vector<Binding> those(const std::vector<ChosenBinding>& chosen, bool ChosenBinding::*wanted) {
  std::vector<Binding> bindings;
  for (const ChosenBinding& one : chosen) {
    if (one.*wanted) bindings.push_back(one.binding);
  }
  return bindings;
}

tl::unexpected<Error> lacks(const Binding& binding, const std::string& what) {
  return fail(Code::config, "the binding '" + binding.name + "' names " + what,
              "see sifctl policy check");
}

Status add_signers(const Keystore& keystore, const std::vector<Binding>& bindings,
                   StoreContent& content) {
  SG_TRY(const auto records, keystore.signers());
  std::set<std::string> taken;
  for (const Binding& binding : bindings) {
    std::vector<std::string> named = binding.signers.any_of;
    named.insert(named.end(), binding.signers.all_of.begin(), binding.signers.all_of.end());
    for (const std::string& name : named) {
      bool found = false;
      for (const SignerRecord& record : records) {
        if (!record.is_named(name)) continue;
        found = true;
        if (!taken.insert(record.id).second) continue;
        SG_TRY(std::string key, keystore.signer_key(record.id));
        content.signers.push_back({record, std::move(key)});
      }
      if (!found) return lacks(binding, "the signer " + printable(name, 200) + ", who is missing");
    }
  }
  return {};
}

Status add_keys(const Keystore& keystore, const std::vector<Binding>& bindings,
                StoreContent& content) {
  std::set<std::string> taken;
  for (const Binding& binding : bindings) {
    if (!binding.key) continue;
    const auto line = keystore.key_and_successors(*binding.key);
    if (!line) return lacks(binding, "a key: " + line.error().what());
    for (const KeyRecord& record : *line) {
      if (!taken.insert(record.id).second) continue;
      SG_TRY(KeyEntry key, take_key(keystore, record.id));
      content.keys.push_back(std::move(key));
    }
  }
  return {};
}

Status add_trust(const Keystore& keystore, const std::vector<Binding>& bindings,
                 StoreContent& content) {
  const auto by_name = [](const std::vector<std::string>& signers) {
    return std::any_of(signers.begin(), signers.end(),
                       [](const std::string& signer) { return signer.starts_with("x509:"); });
  };
  if (std::none_of(bindings.begin(), bindings.end(), [&](const Binding& binding) {
        return by_name(binding.signers.any_of) || by_name(binding.signers.all_of);
      })) {
    return {};
  }
  for (const TrustKind kind : kTrustKinds) {
    SG_TRY(auto items, trust_items(keystore, kind));
    for (TrustItem& item : items) content.trust.emplace_back(kind, std::move(item));
  }
  return {};
}

}  // namespace

Result<Selection> select_content(const Keystore& keystore, const std::vector<std::string>& only) {
  Selection selection;
  StoreContent& content = selection.content;
  SG_TRY(content.images, keystore.images_text());
  SG_TRY(const Policy policy, parse_policy(content.images));
  SG_TRY(const auto chosen, choose_bindings(policy, only));
  if (!only.empty()) content.images = text_of(chosen);
  for (const ChosenBinding& one : chosen) {
    if (!one.asked_for) selection.besides.push_back(one.binding.name);
  }
  const auto judged = those(chosen, &ChosenBinding::with_signers);
  SG_CHECK(add_signers(keystore, judged, content));
  SG_CHECK(add_keys(keystore, those(chosen, &ChosenBinding::with_key), content));
  SG_CHECK(add_trust(keystore, judged, content));
  SG_TRY(const auto revoked, revoked_digests(keystore));
  if (!revoked.empty()) content.revoked = format_revoked(revoked);
  return selection;
}

}  // namespace sifguard
