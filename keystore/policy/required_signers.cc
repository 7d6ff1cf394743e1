// Reads `signing_key:` of a binding: who must have signed. Pure.
#include "keystore/policy/required_signers.h"

#include "keystore/base/contains.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

constexpr const char* kForms =
    "write {fingerprint: …}, {public_key: …}, {x509: {subject: …}}, {any_of: […]} or {all_of: […]}";

/// The id that the text behind `prefix` makes, in its canonical form.
Result<std::string> read_id(const YamlView& view, std::string_view prefix) {
  SG_TRY(const std::string text, view.text());
  const bool written = !prefix.empty() && text.starts_with(prefix);
  auto id = normalize_signer((written ? "" : std::string(prefix)) + text);
  if (!id) return view.error(id.error().what(), id.error().remedy());
  return id;
}

Result<std::string> read_x509(const YamlView& view) {
  SG_CHECK(view.only_fields({"subject", "san"}));
  const auto subject = view.field("subject");
  const auto name = view.field("san");
  if (subject && name) {
    return name->error("cannot stand beside subject",
                       "ask for one of them, or list both in all_of");
  }
  if (subject) return read_id(*subject, kSubjectPrefix);
  if (name) return read_id(*name, kAlternativeNamePrefix);
  return view.error("pins no name", "write {subject: …} or {san: …}");
}

/// One signer given by a field of its own; nullopt when `view` has none of these fields.
Result<std::optional<std::string>> read_single(const YamlView& view) {
  std::optional<std::string> found;
  std::string_view first;
  for (const std::string_view name : {"fingerprint", "public_key", "x509"}) {
    const auto field = view.field(name);
    if (!field) continue;
    if (found) {
      return field->error("cannot stand beside " + std::string(first), "put both into a list");
    }
    first = name;
    if (name == "x509") {
      SG_TRY(found, read_x509(*field));
    } else {
      SG_TRY(found, read_id(*field, name == "public_key" ? kSpkiPrefix : std::string_view()));
    }
    const auto wanted = name == "fingerprint"  ? SignerKind::openpgp
                        : name == "public_key" ? SignerKind::public_key
                                               : SignerKind::certificate_name;
    if (signer_kind(*found) != wanted) {
      return field->error("'" + *found + "' is another kind of signer", kForms);
    }
  }
  return found;
}

Result<std::vector<std::string>> read_list(const YamlView& view) {
  SG_TRY(const std::vector<YamlView> items, view.items());
  if (items.empty()) return view.error("an empty list", "name a signer, or leave it out");
  std::vector<std::string> ids;
  for (const YamlView& item : items) {
    std::string id;
    if (item.node().kind == YamlNode::Kind::mapping) {
      SG_CHECK(item.only_fields({"fingerprint", "public_key", "x509"}));
      SG_TRY(auto single, read_single(item));
      if (!single) return item.error("names no signer", kForms);
      id = *std::move(single);
    } else {
      SG_TRY(id, read_id(item, {}));
    }
    if (contains(ids, id)) {
      return item.error("the signer " + id + " is repeated");
    }
    ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace

Result<SignerRequirement> read_signing_key(const YamlView& view) {
  SG_CHECK(view.only_fields(
      {"fingerprint", "public_key", "x509", "any_of", "all_of", "legacy", "signatures"}));
  SignerRequirement signers;
  const auto any_of = view.field("any_of");
  const auto all_of = view.field("all_of");
  SG_TRY(auto single, read_single(view));
  if (single && (any_of || all_of)) {
    return view.error("one signer cannot stand beside any_of or all_of", "put it into the list");
  }
  if (single) signers.any_of.push_back(*std::move(single));
  if (any_of) {
    SG_TRY(signers.any_of, read_list(*any_of));
  }
  if (all_of) {
    SG_TRY(signers.all_of, read_list(*all_of));
  }
  if (signers.any_of.empty() && signers.all_of.empty()) {
    return view.error("names no signer", kForms);
  }
  if (const auto legacy = view.field("legacy")) {
    SG_TRY(signers.legacy, legacy->boolean());
  }
  if (const auto signatures = view.field("signatures")) {
    SG_TRY(const std::string text, signatures->text());
    if (text != "any" && text != "all") {
      return signatures->error("is '" + text + "'", "write any or all");
    }
    signers.no_strangers = text == "all";
  }
  return signers;
}

}  // namespace sifguard
