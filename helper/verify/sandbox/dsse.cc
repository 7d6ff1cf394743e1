// Taking a DSSE envelope apart. Runs in the sandboxed verifier.
#include "helper/verify/sandbox/dsse.h"

#include <algorithm>
#include <optional>
#include <string>

#include "helper/verify/wire/report.h"
#include "keystore/base/base64.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kPayloadType = "application/vnd.sylabs.sif-metadata+json";
/// An envelope has few values: this many are enough for kMaxDsseSignatures.
constexpr std::size_t kMaxEnvelopeValues = 4 + 3 * kMaxDsseSignatures;
constexpr JsonRules kEnvelopeRules = {
    .code = Code::refused, .max_bytes = SIZE_MAX, .max_values = kMaxEnvelopeValues, .exact = true};

/// The bytes of a field.
std::string decoded(StrictObject& object, const char* field) {
  auto bytes = from_base64(object.string(field));
  if (bytes && !bytes->empty()) return *std::move(bytes);
  object.reject("field '" + std::string(field) + "' is not standard base64 in its canonical form");
  return {};
}

std::string key_hint_of(StrictObject& object) {
  if (!object.has("keyid")) return {};
  std::string hint = object.string("keyid");
  if (hint.size() > kMaxKeyHint) {
    object.reject("field 'keyid' is longer than " + std::to_string(kMaxKeyHint) + " characters");
  }
  return hint;
}

Result<DsseSignature> parse_signature(StrictObject& object) {
  DsseSignature signature;
  signature.key_hint = key_hint_of(object);
  signature.signature = decoded(object, "sig");
  if (signature.signature.size() > kMaxDsseSignatureSize) {
    object.reject("field 'sig' has " + std::to_string(signature.signature.size()) +
                  " bytes, more than the " + std::to_string(kMaxDsseSignatureSize) + " of any key");
  }
  SG_CHECK(object.finish());
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
  StrictObject object = StrictObject::parse(data, "the envelope", kEnvelopeRules);
  if (object.string("payloadType") != kPayloadType) {
    object.reject("field 'payloadType' is not " + std::string(kPayloadType));
  }
  DsseEnvelope envelope;
  envelope.statement = decoded(object, "payload");
  auto signatures = object.objects("signatures");
  if (signatures.empty() || signatures.size() > kMaxDsseSignatures) {
    object.reject("it does not have 1 to " + std::to_string(kMaxDsseSignatures) + " signatures");
  }
  SG_CHECK(object.finish());
  for (StrictObject& one : signatures) {
    SG_TRY(DsseSignature signature, parse_signature(one));
    envelope.signatures.push_back(std::move(signature));
  }
  envelope.signed_text = pre_authentication_encoding(envelope.statement);
  return envelope;
}

}  // namespace sifguard
