// A signer as data. Pure.
#include "keystore/cli/signer_json.h"

#include <time.h>

#include <nlohmann/json.hpp>

#include "keystore/base/json_values.h"
#include "keystore/base/text.h"

namespace sifguard {

std::string shown_signer_state(const SignerRecord& signer) {
  const bool expired = signer.expires != 0 && signer.expires < ::time(nullptr);
  if (signer.state == SignerState::active && expired) return "expired";
  return std::string(signer_state_name(signer.state));
}

nlohmann::ordered_json signer_to_json(const SignerRecord& signer) {
  return {{"id", signer.id},
          {"type", signer_type_name(signer.type())},
          {"label", signer.label},
          {"names", signer.names},
          {"algorithm", signer.algorithm},
          {"created", utc_or_null(signer.created)},
          {"expires", utc_or_null(signer.expires)},
          {"added", utc_or_null(signer.added)},
          {"state", shown_signer_state(signer)},
          {"since", utc_or_null(signer.state_at)},
          {"reason", text_or_null(signer.reason)}};
}

}  // namespace sifguard
