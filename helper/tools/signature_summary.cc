// What a signature object of an image says about itself. The user's rights.
#include "helper/tools/signature_summary.h"

#include <algorithm>

#include "helper/verify/sandbox/dsse.h"
#include "helper/verify/sandbox/pgp_frame.h"
#include "helper/verify/sandbox/signature_object.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kLegacyPrefix = "SIFHASH:";

std::vector<std::string> fingerprint_in(const sif::Descriptor& object) {
  const auto& entity = object.signature->entity;
  const bool any =
      std::any_of(entity.begin(), entity.end(), [](std::byte b) { return b != std::byte{}; });
  if (!any) return {};
  return {to_upper(to_hex(entity))};
}

}  // namespace

Result<SignatureSummary> summarize_signature(int fd, const sif::Descriptor& object) {
  SG_TRY(const std::string data, read_signature_data(fd, object));
  SignatureSummary summary;
  if (is_clearsigned(data)) {
    const auto message = parse_clearsigned(data);
    if (!message) return summary;
    summary.form = message->statement.starts_with(kLegacyPrefix) ? "legacy" : "openpgp";
    summary.claimed = fingerprint_in(object);
  } else if (is_dsse(data)) {
    const auto envelope = parse_dsse(data);
    if (!envelope) return summary;
    summary.form = "dsse";
    for (const DsseSignature& signature : envelope->signatures) {
      if (!signature.key_hint.empty()) summary.claimed.push_back(signature.key_hint);
    }
  }
  return summary;
}

bool is_signature_over(const sif::Descriptor& object, std::uint32_t group) noexcept {
  return object.type == sif::DataType::signature && object.group == 0 &&
         object.link.kind == sif::Link::Kind::group && object.link.id == group;
}

}  // namespace sifguard
