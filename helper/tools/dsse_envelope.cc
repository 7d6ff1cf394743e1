// Making a DSSE envelope around a statement. The user's rights.
#include "helper/tools/dsse_envelope.h"

#include "keystore/base/base64.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::string_view kPayloadType = "application/vnd.sylabs.sif-metadata+json";

}  // namespace

Result<std::string> make_envelope(std::string_view statement, const SigningKey& key) {
  std::string encoding = "DSSEv1 " + std::to_string(kPayloadType.size()) + " ";
  encoding.append(kPayloadType).append(" ").append(std::to_string(statement.size())).append(" ");
  encoding.append(statement);
  SG_TRY(const std::string signature, key.sign(encoding));
  std::string envelope = R"({"payloadType":")";
  envelope.append(kPayloadType).append(R"(","payload":")").append(to_base64(as_bytes(statement)));
  envelope.append(R"(","signatures":[{"keyid":")").append(key.public_half().fingerprint());
  envelope.append(R"(","sig":")").append(to_base64(as_bytes(signature))).append(R"("}]})");
  return envelope;
}

}  // namespace sifguard
