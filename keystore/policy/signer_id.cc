// How bindings, keys' rules, facts and messages name a signer. Pure.
#include "keystore/policy/signer_id.h"

#include <algorithm>
#include <array>

#include "keystore/base/contains.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/policy/subject_name.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxName = 1024;

Result<std::string> normalize_spki(std::string_view digits) {
  if (auto id = pasted_id(std::string(kSpkiPrefix) + std::string(digits))) return *std::move(id);
  return fail(Code::usage, "'" + printable(digits, 100) + "' is not the id of a public key",
              "write spki: and the 64 digits that `sifctl signer list` shows");
}

/// "email:a@b", "dns:host", "uri:…"; host names have no case.
Result<std::string> normalize_alternative_name(std::string_view text) {
  constexpr std::array<std::string_view, 3> kTypes = {"email", "dns", "uri"};
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string type = to_lower(text.substr(0, colon));
  const std::string_view value = text.substr(std::min(colon + 1, text.size()));
  const bool known = contains(kTypes, type);
  const auto strange = [](char c) { return c <= 0x20 || c > 0x7e; };
  if (!known || value.empty() || value.size() > kMaxName ||
      std::any_of(value.begin(), value.end(), strange)) {
    return fail(Code::usage, "'" + printable(text, 100) + "' is not a subject alternative name",
                "write email:NAME@HOST, dns:HOST or uri:URI");
  }
  std::string name(value);
  if (type == "dns") {
    name = to_lower(value);
  } else if (type == "email") {
    const std::size_t at = value.rfind('@');
    if (at == 0 || at == value.npos || at + 1 == value.size()) {
      return fail(Code::usage, "'" + printable(value, 100) + "' is not a mail address");
    }
    name = std::string(value.substr(0, at)) + to_lower(value.substr(at));
  }
  return std::string(kAlternativeNamePrefix) + type + ":" + name;
}

}  // namespace

Result<std::string> normalize_signer(std::string_view typed) {
  if (const auto id = pasted_id(typed); id && id->starts_with(kSpkiPrefix)) return *id;
  const std::string trimmed = pasted_text(typed);
  const std::string_view text = trimmed;
  if (text.starts_with(kSpkiPrefix)) return normalize_spki(text.substr(kSpkiPrefix.size()));
  if (text.starts_with(kSubjectPrefix)) {
    SG_TRY(const std::string subject, canonical_subject(text.substr(kSubjectPrefix.size())));
    return std::string(kSubjectPrefix) + subject;
  }
  if (text.starts_with(kAlternativeNamePrefix)) {
    return normalize_alternative_name(text.substr(kAlternativeNamePrefix.size()));
  }
  auto fingerprint = normalize_fingerprint(text);
  const bool said = pasted_of(text) == PastedOf::certificate;
  if (fingerprint || said || text.find(':') == text.npos) return fingerprint;
  return fail(Code::usage, "'" + printable(text, 100) + "' does not name a signer",
              "write a full OpenPGP fingerprint, spki:…, x509:subject:… or x509:san:…");
}

SignerKind signer_kind(std::string_view id) noexcept {
  if (id.starts_with(kSpkiPrefix)) return SignerKind::public_key;
  return id.starts_with("x509:") ? SignerKind::certificate_name : SignerKind::openpgp;
}

}  // namespace sifguard
