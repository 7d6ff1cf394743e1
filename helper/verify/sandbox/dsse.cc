// Taking a DSSE envelope apart. Runs in the sandboxed verifier.
#include "helper/verify/sandbox/dsse.h"

#include <algorithm>
#include <optional>

#include "helper/verify/wire/report.h"
#include "helper/verify/wire/strict_json.h"
#include "keystore/base/base64.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using nlohmann::json;

constexpr std::string_view kPayloadType = "application/vnd.sylabs.sif-metadata+json";
/// An envelope has few values: this many are enough for kMaxDsseSignatures.
constexpr std::size_t kMaxValues = 4 + 3 * kMaxDsseSignatures;

Result<std::string> decoded(const json& value, const std::string& what) {
  if (!value.is_string()) return fail(Code::refused, what + " is not a string");
  auto bytes = from_base64(value.get_ref<const std::string&>());
  if (!bytes || bytes->empty()) {
    return fail(Code::refused, what + " is not standard base64 in its canonical form");
  }
  return *std::move(bytes);
}

Result<DsseSignature> parse_signature(const json& value, std::size_t index) {
  const std::string what = "signatures[" + std::to_string(index) + "]";
  const bool named = value.is_object() && value.contains("keyid");
  SG_CHECK(named ? check_keys(value, {"keyid", "sig"}, what) : check_keys(value, {"sig"}, what));
  DsseSignature signature;
  if (named) {
    const json& hint = value["keyid"];
    if (!hint.is_string() || hint.get_ref<const std::string&>().size() > kMaxKeyHint) {
      return fail(Code::refused, what + ".keyid is not a string of at most " +
                                     std::to_string(kMaxKeyHint) + " characters");
    }
    signature.key_hint = hint.get<std::string>();
  }
  SG_TRY(signature.signature, decoded(value["sig"], what + ".sig"));
  if (signature.signature.size() > kMaxDsseSignatureSize) {
    return fail(Code::refused, what + ".sig has " + std::to_string(signature.signature.size()) +
                                   " bytes, more than the " +
                                   std::to_string(kMaxDsseSignatureSize) + " of any key");
  }
  return signature;
}

std::string pre_authentication_encoding(std::string_view payload) {
  std::string text = "DSSEv1 " + std::to_string(kPayloadType.size()) + " ";
  text.append(kPayloadType).append(" ").append(std::to_string(payload.size())).append(" ");
  return text.append(payload);
}

}  // namespace

bool is_dsse(std::string_view data) noexcept {
  return data.starts_with('{');
}

Result<DsseEnvelope> parse_dsse(std::string_view data) {
  // Blanks between tokens are JSON's to ignore; inside strings they are not printable.
  const auto strange = [](char c) {
    return c > 0x7e || c == '\\' || (c < 0x20 && c != '\n' && c != '\r' && c != '\t');
  };
  if (std::any_of(data.begin(), data.end(), strange)) {
    return fail(Code::refused, "the envelope is not plain ASCII without escapes");
  }
  SG_TRY(const json root, parse_strict_json(data, kMaxValues));
  SG_CHECK(check_keys(root, {"payloadType", "payload", "signatures"}, "the envelope"));
  const json& type = root["payloadType"];
  if (!type.is_string() || type.get_ref<const std::string&>() != kPayloadType) {
    return fail(Code::refused, "the envelope's payloadType is not " + std::string(kPayloadType));
  }
  DsseEnvelope envelope;
  SG_TRY(envelope.statement, decoded(root["payload"], "payload"));
  const json& signatures = root["signatures"];
  if (!signatures.is_array() || signatures.empty() || signatures.size() > kMaxDsseSignatures) {
    return fail(Code::refused, "the envelope does not have 1 to " +
                                   std::to_string(kMaxDsseSignatures) + " signatures");
  }
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    SG_TRY(DsseSignature signature, parse_signature(signatures[i], i));
    envelope.signatures.push_back(std::move(signature));
  }
  envelope.signed_text = pre_authentication_encoding(envelope.statement);
  return envelope;
}

}  // namespace sifguard
